#pragma once

#include "base/bytes.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace savepoint::git {

/// How two contents differ, line by line, as `git diff` says it.
struct TextDiff {
  struct Line {
    char sign = ' ';  ///< ' ' in both, '-' only before, '+' only after, '\\' a remark.
    std::string text; ///< Without the end of the line.
  };
  struct Hunk {
    std::string heading; ///< "@@ -1,3 +1,4 @@ int main()".
    std::vector<Line> lines;
  };
  bool is_binary = false; ///< One of them is no text; then there are no hunks.
  std::size_t insertions = 0;
  std::size_t deletions = 0;
  std::vector<Hunk> hunks;
};

/// Compares two contents, with three lines around what differs.
[[nodiscard]] TextDiff diff_texts(ByteView before, ByteView after);

} // namespace savepoint::git
