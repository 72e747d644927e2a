#pragma once

#include "cli/terminal.hpp"
#include "compare/compare.hpp"
#include "git/text_diff.hpp"
#include "store/chunks.hpp"
#include "store/tree_diff.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace savepoint::tools {

/// One side of a difference of files: what a snapshot holds, or what is on the disk now.
struct FileSide {
  const store::ChunkSource* source = nullptr;
  std::optional<hash::Digest> tree; ///< Missing: nothing.
  std::filesystem::path directory;  ///< Where the files are, if they are not in `source`.
};

/// What differs in a file.
struct FileChange {
  store::Change change;
  std::optional<git::TextDiff> text; ///< Nothing for what is too large to be shown.
  /// Where it became something else, such as a symlink: the whole of either side.
  std::optional<git::TextDiff> text_gone = {};
  std::optional<git::TextDiff> text_come = {};
};

/// The contents of files that differ.
class FileChanges {
public:
  /// The sides must outlive it.
  FileChanges(const FileSide& before, const FileSide& after);
  /// Whether the difference can be told by the contents: of a file or a symlink.
  [[nodiscard]] bool has(const compare::FileDifference& file) const;
  /// Requires `has`.
  [[nodiscard]] FileChange read(const compare::FileDifference& file) const;

private:
  const FileSide* before_;
  const FileSide* after_;
  std::map<std::string, store::Change> changes_;
};

/// What `git diff` would print for a file; nothing if only its time or attributes differ.
[[nodiscard]] std::string patch_text(const cli::Terminal& terminal, const FileChange& change);

/// How the statements differ that made the tables of a database.
[[nodiscard]] std::string schema_text(const cli::Terminal& terminal, const std::string& database,
                                      const git::TextDiff& diff);

/// The lines of `git diff --stat`, for people.
class StatList {
public:
  void add(const FileChange& change);
  [[nodiscard]] bool empty() const { return lines_.empty(); }
  [[nodiscard]] std::string text(const cli::Terminal& terminal) const;

private:
  struct Line {
    std::string path;
    std::optional<git::TextDiff> counts; ///< Without hunks.
    std::uint64_t size_before = 0;
    std::uint64_t size_after = 0;
  };
  std::vector<Line> lines_;
};

} // namespace savepoint::tools
