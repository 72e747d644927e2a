#pragma once

#include <algorithm>
#include <functional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::test {

/// The lines of `text` that `counts` accepts in the order of the alphabet: dumps of equal databases
/// may have theirs in different ones.
[[nodiscard]] inline std::string sorted_lines(
    const std::string& text, const std::function<bool(std::string_view line)>& counts =
                                 [](std::string_view) { return true; }) {
  std::istringstream all(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(all, line);) {
    if (counts(line)) {
      lines.push_back(std::move(line));
    }
  }
  std::ranges::sort(lines);
  std::string result;
  for (const std::string& line : lines) {
    result += line + "\n";
  }
  return result;
}

} // namespace savepoint::test
