#pragma once

#include "base/bytes.hpp"
#include "support/temporary_directory.hpp"

#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace savepoint::test {

/// The first block of docs/formats/<name>.md that is fenced by ``` and `kind`.
[[nodiscard]] inline std::string format_block(std::string_view name, std::string_view kind) {
  const auto root = std::filesystem::path(__FILE__).parent_path().parent_path().parent_path();
  const std::string page = read_file(root / "docs" / "formats" / (std::string(name) + ".md"));
  const std::string fence = "```" + std::string(kind) + "\n";
  const std::size_t begin = page.find(fence);
  const std::size_t end = page.find("\n```", begin + fence.size());
  if (begin == std::string::npos || end == std::string::npos) {
    throw std::runtime_error("no example in " + std::string(name) + ".md");
  }
  return page.substr(begin + fence.size(), end + 1 - begin - fence.size());
}

/// The worked example of a text format: its block of JSON.
[[nodiscard]] inline std::string format_text(std::string_view name) {
  return format_block(name, "json");
}

/// The bytes of the worked example of a binary format: a block in which each line has bytes in hex
/// and, after two spaces, what they mean.
[[nodiscard]] inline Bytes format_example(std::string_view name) {
  std::istringstream lines(format_block(name, "hex"));
  Bytes bytes;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream digits(line.substr(0, line.find("  ")));
    for (std::string byte; digits >> byte;) {
      bytes.push_back(static_cast<std::byte>(std::stoi(byte, nullptr, 16)));
    }
  }
  return bytes;
}

} // namespace savepoint::test
