#pragma once

#include "base/bytes.hpp"
#include "codec/frame_codec.hpp"
#include "hash/digest.hpp"
#include "store/chunks.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace savepoint::store {

/// No frame holds more raw bytes: a chunk always fits.
inline constexpr std::size_t k_largest_frame = k_largest_chunk;
/// Frames of kind meta are closed here already: who restores one file needs one tree each of
/// several frames, and decompressing the neighbours of these took a fifth of the time.
inline constexpr std::size_t k_meta_frame = std::size_t{128} << 10U;

/// How the bytes of a frame lie in a pack.
enum class FrameCodec : std::uint8_t {
  raw = 0,
  zstd = 1,
  delta = 2, ///< zstd, against chunks that frames of the other codecs hold: their bases.
};

/// Gives the bytes of a chunk that a frame without bases holds. Throws CorruptionError if there is
/// none. Safe to use from several threads.
using ReadBase = std::function<Bytes(const hash::Digest& id)>;

/// A chunk against which another one, much like it, can be stored.
struct Base {
  hash::Digest id;
  std::uint32_t length = 0; ///< At a guess: what it is taken for is checked when it is read.
};

/// A chunk's place in a frame: they lie one after the other, so its length says it all.
struct FrameChunk {
  hash::Digest id;
  std::uint32_t length = 0;
};

/// Consecutive chunks of one kind, before they are compressed together.
struct RawFrame {
  ChunkKind kind = ChunkKind::data;
  Bytes bytes = {};
  std::vector<FrameChunk> chunks = {};
  /// Empty, or of each chunk the one it is much like; together they fill a frame at the most.
  std::vector<hash::Digest> bases = {};
  std::size_t base_bytes = 0; ///< What they come to, at the most.

  /// Says whether a chunk of `length` bytes may still be added. The first always may.
  [[nodiscard]] bool has_room_for(std::size_t length, const std::optional<Base>& base = {}) const {
    const std::size_t room = kind == ChunkKind::meta ? k_meta_frame : k_largest_frame;
    return chunks.empty() || (bytes.size() + length <= room &&
                              base_bytes + (base ? base->length : 0) <= k_largest_frame);
  }
  /// Requires room for it. All chunks of a frame have a base, or none has.
  void add(const hash::Digest& id, ByteView chunk, const std::optional<Base>& base = {});
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
  std::vector<hash::Digest> bases; ///< As in RawFrame, if the codec is `delta`.
};

/// Compresses a frame, against its bases if that makes it less than half as large, or keeps it as
/// it is where that would not make it smaller.
[[nodiscard]] EncodedFrame encode_frame(codec::FrameCompressor& compressor, const RawFrame& frame,
                                        const ReadBase& read_base);

/// The bytes of a chunk among those that fill `raw`, one after the other; nothing if it is not one
/// of them.
[[nodiscard]] std::optional<ByteView>
find_chunk(ByteView raw, const std::vector<FrameChunk>& chunks, const hash::Digest& id);

/// What a frame with these bases is compressed against: each once, in the order in which they first
/// come. Throws CorruptionError if they are more than fills a frame.
[[nodiscard]] Bytes join_bases(const std::vector<hash::Digest>& bases, const ReadBase& read_base);

/// The raw bytes of a frame; `prefix` is what its bases come to. Throws CorruptionError if `stored`
/// is not what was written. Safe to use from several threads.
[[nodiscard]] Bytes decode_frame(FrameCodec codec, ByteView prefix, ByteView stored,
                                 std::uint64_t checksum, std::uint32_t raw_length);

} // namespace savepoint::store
