#pragma once

#include "git/index.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::git {

/// What an index file holds. Entries and `resolve_undo` refer to `file` and
/// `paths`.
struct IndexContent {
  Bytes file;
  std::vector<std::unique_ptr<char[]>> paths; // blocks, for paths that are not whole in the file
  std::vector<IndexEntry> entries;
  std::vector<CacheTreeNode> cache_tree;
  std::string_view resolve_undo;
  /// An extension says that the entries are not all there is: split, sparse, or newer than we are.
  bool needs_git = false;
};

/// Reads gitformat-index, versions 2 to 4. Whether ids have 20 or 32 bytes is found out by trying:
/// a file that fits one length does not fit the other, because names, padding and extensions would
/// have to end in the right places by chance.
///
/// Throws CorruptionError; `name` is for its message.
[[nodiscard]] IndexContent parse_index(Bytes file, std::string_view name);

/// Reads what `git ls-files -z --stage --debug` prints.
///
/// Throws CorruptionError; `name` is for its message.
[[nodiscard]] IndexContent parse_listing(Bytes listing, std::string_view name);

/// Whether entries have to be in this order and no other.
[[nodiscard]] bool in_order(const IndexEntry& first, const IndexEntry& second);

} // namespace savepoint::git
