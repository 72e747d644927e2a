#pragma once

#include "base/bytes.hpp"
#include "git/index.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace savepoint::git {

/// What an index says of every path, without what is true at one moment on one machine only (stat
/// data, caches, how it is split or shortened). Equal images are equal states.
struct IndexImage {
  struct Entry {
    std::string path;
    std::string object;     ///< Raw bytes of the id.
    std::uint32_t mode = 0; ///< As in IndexEntry.
    std::uint8_t stage = 0;
    bool assume_valid = false;
    bool skip_worktree = false;
    bool intent_to_add = false;
    friend bool operator==(const Entry&, const Entry&) = default;
  };
  std::size_t id_length = 20; ///< 20, or 32 with SHA-256.
  std::vector<Entry> entries; ///< Sorted as in an index.
  std::string resolve_undo;   ///< The extension REUC as git wrote it; empty if there is none.
};

/// The bytes of the image of `index`: docs/formats/git-state.md.
[[nodiscard]] Bytes encode_image(const Index& index, std::size_t id_length);
/// Throws CorruptionError unless `bytes` are what `encode_image` makes, with paths that git would
/// take.
[[nodiscard]] IndexImage decode_image(ByteView bytes);

/// Prints an index file, of version 3 if flags need it, else 2. Stat data is taken from `present`
/// for entries that it has with the same content, where it can be trusted; for others it is zero,
/// which has git look at the file.
[[nodiscard]] Bytes print_index_file(const IndexImage& image, const Index& present);

} // namespace savepoint::git
