#pragma once

#include "store/tree.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace savepoint::store {

enum class ChangeKind : std::uint8_t {
  added,    ///< Only in the new tree.
  removed,  ///< Only in the old tree.
  modified, ///< Another content, target or kind.
  metadata, ///< Same content; mode, time or attributes differ.
};

/// Trees do not nest deeper: Linux itself cannot name a path of more components.
inline constexpr std::size_t k_deepest_path = 4096;

/// One path that differs. Of an added or removed directory everything below is listed as well,
/// parents before children; likewise where a directory became something else or the reverse.
struct Change {
  std::string path;
  ChangeKind kind = ChangeKind::modified;
  std::optional<TreeEntry> before;
  std::optional<TreeEntry> after;
  /// Of directories: their own mode, time and attributes on either side (entries left empty).
  std::optional<Tree> directory_before;
  std::optional<Tree> directory_after;
};

/// Visits what differs between two trees, reading only subtrees that differ. Paths come in their
/// order, compared component by component. A missing tree counts as empty. The root itself has the
/// path "" and an entry without a name.
///
/// Throws CorruptionError if a tree is damaged or nests deeper than k_deepest_path.
void diff_trees(const ChunkSource& source, const std::optional<hash::Digest>& before,
                const std::optional<hash::Digest>& after,
                const std::function<void(const Change&)>& visit);

/// Visits every path below the root of a tree, parents before children, in the same order.
/// `directory` is set for directories. The root itself is not visited: `get_tree` has it.
/// Directories for which `enters` says no are neither visited nor read.
///
/// Throws CorruptionError if a tree is damaged or nests deeper than k_deepest_path.
using TreeVisitor =
    std::function<void(const std::string& path, const TreeEntry& entry, const Tree* directory)>;
void walk_tree(
    const ChunkSource& source, const hash::Digest& root, const TreeVisitor& visit,
    const std::function<bool(const std::string& path)>& enters = [](const std::string&) {
      return true;
    });

/// The entry at `path`, nothing if the tree has no such path. An empty path is not an entry.
[[nodiscard]] std::optional<TreeEntry> find_path(const ChunkSource& source,
                                                 const hash::Digest& root, std::string_view path);

} // namespace savepoint::store
