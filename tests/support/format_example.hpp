#pragma once

#include "base/bytes.hpp"
#include "support/temporary_directory.hpp"

#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace savepoint::test {

/// The bytes of the worked example in docs/formats/<name>.md: its blocks fenced by ```hex, in which
/// each line has bytes in hex and, after two spaces, what they mean. `heading` picks the example
/// that follows it.
[[nodiscard]] inline Bytes format_example(std::string_view name, std::string_view heading = "") {
  const auto root = std::filesystem::path(__FILE__).parent_path().parent_path().parent_path();
  const std::string page = read_file(root / "docs" / "formats" / (std::string(name) + ".md"));
  std::size_t at = page.find("```hex\n", page.find(heading));
  if (at == std::string::npos) {
    throw std::runtime_error("no example in " + std::string(name) + ".md");
  }
  Bytes bytes;
  std::istringstream lines(page.substr(at, page.find("\n```", at) - at));
  std::string line;
  std::getline(lines, line); // the fence
  while (std::getline(lines, line)) {
    std::istringstream digits(line.substr(0, line.find("  ")));
    for (std::string byte; digits >> byte;) {
      bytes.push_back(static_cast<std::byte>(std::stoi(byte, nullptr, 16)));
    }
  }
  return bytes;
}

} // namespace savepoint::test
