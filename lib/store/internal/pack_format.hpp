#pragma once

#include "base/bytes.hpp"
#include "hash/digest.hpp"
#include "store/internal/frame.hpp"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace savepoint::store {

// docs/formats/pack.md

inline constexpr std::string_view k_pack_magic = "savepoint-pk";
inline constexpr std::string_view k_pack_end_magic = "pack-end";
inline constexpr std::uint32_t k_pack_version = 1;
inline constexpr std::size_t k_pack_header_size = 16;
inline constexpr std::size_t k_pack_trailer_size = 48;
/// A pack is closed once it has reached this size.
inline constexpr std::uint64_t k_pack_target = std::uint64_t{16} << 20U;

/// A frame in a pack.
struct PackFrame {
  std::uint64_t offset = 0;
  std::uint32_t stored_length = 0;
  std::uint32_t raw_length = 0;
  std::uint64_t checksum = 0;
  FrameCodec codec = FrameCodec::raw;
  ChunkKind kind = ChunkKind::data;
  std::uint32_t first_chunk = 0; ///< The number of its first chunk in the pack.
  std::uint32_t first_base = 0;  ///< That of its first base, if its codec is `delta`.
};

/// A chunk in a pack.
struct PackChunk {
  hash::Digest id;
  std::uint32_t frame = 0;
  std::uint32_t offset = 0; ///< In the raw bytes of the frame.
  std::uint32_t length = 0;
};

/// What a pack holds: frames and chunks in the order in which they lie there.
struct PackFooter {
  std::vector<PackFrame> frames;
  std::vector<PackChunk> chunks;
  std::vector<hash::Digest> bases; ///< Of the chunks in frames whose codec is `delta`.

  /// The chunks of a frame.
  [[nodiscard]] std::span<const PackChunk> chunks_of(std::size_t frame) const;
  /// The base of a chunk; null if it has none.
  [[nodiscard]] const hash::Digest* base_of(std::size_t chunk) const;
  /// Those of all chunks of a frame.
  [[nodiscard]] std::vector<hash::Digest> bases_of(std::size_t frame) const;
};

[[nodiscard]] Bytes encode_pack_header();
[[nodiscard]] Bytes encode_footer(const PackFooter& footer);
[[nodiscard]] Bytes encode_trailer(std::uint64_t footer_length, const hash::Digest& footer_digest);

/// Throws CorruptionError unless `bytes` begin a pack that we can read.
void check_pack_header(ByteView bytes, std::string_view what);

struct PackTrailer {
  std::uint64_t footer_length = 0;
  hash::Digest footer_digest;
};
/// Requires k_pack_trailer_size bytes. Throws CorruptionError.
[[nodiscard]] PackTrailer decode_trailer(ByteView bytes, std::string_view what);

/// Throws CorruptionError unless the frames fill a pack of `pack_size` bytes exactly and their
/// chunks fill the frames exactly.
[[nodiscard]] PackFooter decode_footer(ByteView bytes, std::uint64_t pack_size,
                                       std::string_view what);

} // namespace savepoint::store
