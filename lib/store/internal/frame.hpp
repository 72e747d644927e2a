#pragma once

#include "base/bytes.hpp"
#include "codec/frame_codec.hpp"
#include "hash/digest.hpp"
#include "store/chunks.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace savepoint::store {

/// No frame holds more raw bytes: a chunk always fits.
inline constexpr std::size_t k_largest_frame = k_largest_chunk;

/// How the bytes of a frame lie in a pack.
enum class FrameCodec : std::uint8_t { raw = 0, zstd = 1 };

/// A chunk's place in a frame: they lie one after the other, so its length says it all.
struct FrameChunk {
  hash::Digest id;
  std::uint32_t length = 0;
};

/// Consecutive chunks of one kind, before they are compressed together.
struct RawFrame {
  ChunkKind kind = ChunkKind::data;
  Bytes bytes;
  std::vector<FrameChunk> chunks;

  /// Says whether a chunk of `length` bytes may still be added.
  [[nodiscard]] bool has_room_for(std::size_t length) const {
    return bytes.size() + length <= k_largest_frame;
  }
  /// Requires room for it.
  void add(const hash::Digest& id, ByteView chunk);
  /// Takes the chunk added last out again. Requires one.
  void remove_last();
  /// The bytes of a chunk; nothing if it is not in this frame.
  [[nodiscard]] std::optional<ByteView> find(const hash::Digest& id) const;
};

/// A frame as it lies in a pack.
struct EncodedFrame {
  ChunkKind kind = ChunkKind::data;
  FrameCodec codec = FrameCodec::raw;
  std::uint32_t raw_length = 0;
  std::uint64_t checksum = 0; ///< XXH3-64 of `stored`.
  Bytes stored;
  std::vector<FrameChunk> chunks;
};

/// Compresses a frame, or keeps it as it is where that would not make it smaller.
[[nodiscard]] EncodedFrame encode_frame(codec::FrameCompressor& compressor, const RawFrame& frame);

/// The bytes of a chunk among those that fill `raw`, one after the other; nothing if it is not one
/// of them.
[[nodiscard]] std::optional<ByteView>
find_chunk(ByteView raw, const std::vector<FrameChunk>& chunks, const hash::Digest& id);

/// The raw bytes of a frame. Throws CorruptionError if `stored` is not what was written. Safe to
/// use from several threads.
[[nodiscard]] Bytes decode_frame(FrameCodec codec, ByteView stored, std::uint64_t checksum,
                                 std::uint32_t raw_length);

} // namespace savepoint::store
