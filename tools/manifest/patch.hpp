#pragma once

#include "cli/file_contents.hpp"
#include "cli/terminal.hpp"
#include "git/text_diff.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace savepoint::tools {

/// What `git diff` would print for a file; nothing if only its time or attributes differ.
[[nodiscard]] std::string patch_text(const cli::Terminal& terminal, const cli::FileChange& change);

/// How the statements differ that made the tables of a database.
[[nodiscard]] std::string schema_text(const cli::Terminal& terminal, const std::string& database,
                                      const git::TextDiff& diff);

/// The lines of `git diff --stat`, for people.
class StatList {
public:
  void add(const cli::FileChange& change);
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
