#pragma once

#include "base/bytes.hpp"
#include "hash/sha1.hpp"
#include "hash/sha256.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <variant>

namespace savepoint::git {

/// The raw id of an object: 20 bytes and then zeros, or 32 bytes in a repository with SHA-256.
using RawId = std::array<std::byte, 32>;

/// Computes the id that git gives to content, piece by piece and without a repository. One thread
/// at a time.
class BlobHash {
public:
  /// `size` is that of the content, `id_length` that of the repository's ids: 20 or 32.
  BlobHash(std::uint64_t size, std::size_t id_length);
  void update(ByteView bytes);
  [[nodiscard]] RawId finish();

private:
  std::variant<hash::Sha1, hash::Sha256> hash_;
};

/// Whether git may keep other bytes than these for a piece of a file, whatever its settings and
/// attributes say of line ends and idents. About encodings and filters it says nothing.
[[nodiscard]] bool may_be_converted(ByteView piece);

} // namespace savepoint::git
