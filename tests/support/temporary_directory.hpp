#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace savepoint::test {

/// A fresh directory of the test's own, gone at its end.
class TemporaryDirectory {
public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path operator/(std::string_view name) const {
    return path_ / name;
  }

private:
  std::filesystem::path path_;
};

/// Writes a file, making the directories above it.
void write_file(const std::filesystem::path& path, std::string_view content);
[[nodiscard]] std::string read_file(const std::filesystem::path& path);
/// Runs a shell command in `directory` and requires that it succeeds; returns what it printed.
std::string shell(const std::filesystem::path& directory, const std::string& command);

} // namespace savepoint::test
