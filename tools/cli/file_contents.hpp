#pragma once

#include "compare/compare.hpp"
#include "git/text_diff.hpp"
#include "manifest/manifest.hpp"
#include "store/chunks.hpp"
#include "store/tree_diff.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace savepoint::cli {

/// One side of a difference of files: what a snapshot holds, or what is on the disk now.
struct FileSide {
  const store::ChunkSource* source = nullptr;
  std::optional<hash::Digest> tree; ///< Missing: nothing.
  std::filesystem::path directory;  ///< Where the files are, if they are not in `source`.
};

/// The tree of a snapshot's code, if it has any.
[[nodiscard]] std::optional<hash::Digest> tree_of(const manifest::Manifest& manifest);

/// What differs in a file.
struct FileChange {
  store::Change change;
  std::optional<git::TextDiff> text; ///< Nothing for what is too large to be shown.
  /// Where it became something else, such as a symlink: the whole of either side.
  std::optional<git::TextDiff> text_gone = {};
  std::optional<git::TextDiff> text_come = {};
};

/// Whether it became something else, such as a symlink.
[[nodiscard]] bool is_another_kind(const store::Change& change);
/// Whether a difference can be told by the contents: of a file or a symlink.
[[nodiscard]] bool has_content(const store::Change& change);
/// Reads both sides of what differs at a path. Requires `has_content`.
[[nodiscard]] FileChange read_change(const FileSide& before, const FileSide& after,
                                     const store::Change& change);

/// The contents of all files that differ.
class FileChanges {
public:
  /// The sides must outlive it.
  FileChanges(const FileSide& before, const FileSide& after);
  [[nodiscard]] bool has(const compare::FileDifference& file) const;
  /// Requires `has`.
  [[nodiscard]] FileChange read(const compare::FileDifference& file) const;

private:
  const FileSide* before_;
  const FileSide* after_;
  std::map<std::string, store::Change> changes_;
};

/// The files whose contents are never shown, since they have values of settings: also where git
/// tracks one and it is code to us.
class Settings {
public:
  void add(const manifest::Manifest& manifest);
  [[nodiscard]] bool has(const std::string& path) const;

private:
  std::set<std::string> paths_;
};

} // namespace savepoint::cli
