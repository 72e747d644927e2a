#pragma once

#include "manifest/content.hpp"
#include "store/chunks.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace savepoint::store {

enum class EntryKind : std::uint8_t { file = 1, directory = 2, symlink = 3, fifo = 4 };

using Attributes = std::vector<std::pair<std::string, std::string>>; ///< Sorted by name.

/// One name in a directory.
struct TreeEntry {
  std::string name; ///< Any bytes that are a path component.
  EntryKind kind = EntryKind::file;
  std::uint32_t mode = 0;    ///< At most 07777. Of directories and symlinks: 0 (see Tree::mode).
  std::int64_t mtime_ns = 0; ///< Of directories: 0 (see Tree::mtime_ns).
  manifest::Content content; ///< Files only.
  hash::Digest tree;         ///< Directories only.
  std::string target;        ///< Symlinks only.
  Attributes attributes;     ///< Files only; directories keep theirs in Tree.

  friend bool operator==(const TreeEntry&, const TreeEntry&) = default;
};

/// A directory and all that is in it, as a snapshot keeps it. Canonical: two equal directories have
/// equal bytes, so nothing is in it that changes by itself (no access time, inode, ctime, owner).
struct Tree {
  std::uint32_t mode = 0755;
  std::int64_t mtime_ns = 0;
  Attributes attributes;
  std::vector<TreeEntry> entries; ///< Sorted by name, bytewise, each name once.

  [[nodiscard]] const TreeEntry* find(std::string_view name) const;
  friend bool operator==(const Tree&, const Tree&) = default;
};

/// The bytes of a tree: docs/formats/tree.md. Requires sorted entries with names that are path
/// components (fs::is_component), link targets that are not empty, and nothing set that a kind
/// does not have.
[[nodiscard]] Bytes encode(const Tree& tree);
/// Throws CorruptionError unless `bytes` are exactly what `encode` would make.
[[nodiscard]] Tree decode_tree(ByteView bytes);

/// Keeps a tree under one digest: the SHA-256 of its encoding, or where that is larger than 1 MiB
/// the name of a chunk that says where the encoding is (docs/formats/large-object.md).
///
/// Throws UsageError if the directory is too large to be kept: some millions of entries.
hash::Digest put_tree(ChunkSink& sink, const Tree& tree);
[[nodiscard]] Tree get_tree(const ChunkSource& source, const hash::Digest& id);
/// Visits the chunks a tree's own encoding takes (more than one for huge directories).
void for_each_tree_chunk(const ChunkSource& source, const hash::Digest& id,
                         const std::function<void(const hash::Digest&)>& visit);

/// The digest of a directory that ignores the times of directories. `child_states` are those of the
/// directories among the entries, in their order.
[[nodiscard]] hash::Digest state_digest(const Tree& tree,
                                        const std::vector<hash::Digest>& child_states);

/// Names that are one and the same file: groups of at least two paths, each sorted, groups sorted;
/// no path is in two of them.
using HardLinks = std::vector<std::vector<std::string>>;
/// docs/formats/hard-links.md
hash::Digest put_hard_links(ChunkSink& sink, const HardLinks& links);
[[nodiscard]] HardLinks get_hard_links(const ChunkSource& source, const hash::Digest& id);

} // namespace savepoint::store
