#pragma once

#include "git/index.hpp"
#include "git/repository.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace savepoint::git {

/// Compares the tree of HEAD with an index, both walked once, side by side.
///
/// Whoever has the tree calls `meets_unchanged` for its root and every directory and, unless that
/// says that nothing below is to be looked at, goes through what is in it in the order of trees,
/// calling `meet` for everything that is not a directory. At the end comes `finish`.
class StagedComparison {
public:
  /// `index` must outlive the comparison.
  explicit StagedComparison(const Index& index);

  /// Whether the index's cache tree says that the directory is the tree with this id (raw bytes).
  /// Then all of it has been passed.
  [[nodiscard]] bool meets_unchanged(std::string_view directory, std::string_view object);

  /// A file, symlink or submodule in the tree of HEAD, its id as raw bytes.
  void meet(std::string_view path, std::uint32_t mode, std::string_view object);

  /// The differences, sorted by path.
  [[nodiscard]] std::vector<FileChange> finish();

private:
  void add_up_to(std::string_view path);
  void add_conflict();

  std::span<const IndexEntry> left_; // what no path of the tree has passed yet
  std::unordered_map<std::string_view, std::string_view> vouched_;
  std::vector<FileChange> changes_;
};

} // namespace savepoint::git
