#pragma once

#include "base/bytes.hpp"

#include <cstddef>
#include <memory>

namespace savepoint::codec {

/// Compresses frames with zstd (RFC 8878), one after the other, reusing its memory. One thread at a
/// time.
class FrameCompressor {
public:
  /// `level` as zstd means it: 1 for speed, 3 and more for size.
  explicit FrameCompressor(int level);
  ~FrameCompressor();
  FrameCompressor(FrameCompressor&&) noexcept;
  FrameCompressor& operator=(FrameCompressor&&) noexcept;

  /// Compresses `raw` into one zstd frame that says its own content size. The result is valid until
  /// the next call.
  [[nodiscard]] ByteView compress(ByteView raw);
  /// The same, and what `prefix` has as well costs next to nothing (zstd --patch-from). The two
  /// together have at most 2 MiB.
  [[nodiscard]] ByteView compress_against(ByteView prefix, ByteView raw);

private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Decompresses frames. One thread at a time.
class FrameDecompressor {
public:
  FrameDecompressor();
  ~FrameDecompressor();
  FrameDecompressor(FrameDecompressor&&) noexcept;
  FrameDecompressor& operator=(FrameDecompressor&&) noexcept;

  /// Decompresses one frame of exactly `raw_size` bytes.
  ///
  /// Throws CorruptionError if `compressed` is not such a frame; never writes more than `raw_size`.
  [[nodiscard]] Bytes decompress(ByteView compressed, std::size_t raw_size);
  /// The same for what was compressed against `prefix`. Another prefix gives other bytes, or an
  /// error.
  [[nodiscard]] Bytes decompress_against(ByteView prefix, ByteView compressed,
                                         std::size_t raw_size);

private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace savepoint::codec
