#pragma once

#include "base/bytes.hpp"
#include "hash/digest.hpp"

#include <cstdint>

namespace savepoint::store {

/// What a chunk is for. It decides only next to what it is packed, never what it is called.
enum class ChunkKind : std::uint8_t {
  data = 1, ///< Bytes of files and databases.
  meta = 2, ///< Trees, content lists, hard links: what prune and diff walk through.
};

/// No chunk is larger, in bytes.
inline constexpr std::size_t k_largest_chunk = std::size_t{1} << 20U;

/// Takes chunks and names them. One thread at a time.
class ChunkSink {
public:
  virtual ~ChunkSink() = default;
  /// Keeps `bytes` (at most k_largest_chunk) and returns their SHA-256. What is already there is
  /// not kept again.
  virtual hash::Digest put(ByteView bytes, ChunkKind kind) = 0;
  /// Keeps data that is probably much like the chunk `like`, and so may take little room.
  virtual hash::Digest put_like(const hash::Digest& /*like*/, ByteView bytes) {
    return put(bytes, ChunkKind::data);
  }
  /// Says whether the chunk is there already, here or in the store below.
  [[nodiscard]] virtual bool contains(const hash::Digest& id) = 0;
};

/// Gives chunks back by name. Safe to use from several threads.
class ChunkSource {
public:
  virtual ~ChunkSource() = default;
  /// The bytes of a chunk, hashed again on the way.
  ///
  /// Throws CorruptionError if it is damaged or missing.
  [[nodiscard]] virtual Bytes get(const hash::Digest& id) const = 0;
};

} // namespace savepoint::store
