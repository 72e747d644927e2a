#pragma once

#include "base/cancellation.hpp"
#include "base/progress.hpp"
#include "base/timestamp.hpp"
#include "support/temporary_directory.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>

namespace savepoint::test {

/// A clock that goes with the machine's, ahead of it by as much as the test says. Ten seconds
/// ahead, files just written are old enough to be trusted.
class ShiftedClock final : public Clock {
public:
  explicit ShiftedClock(std::chrono::seconds ahead) : ahead_(ahead) {}
  [[nodiscard]] Timestamp now() const override { return SystemClock().now() + ahead_; }
  void shift(std::chrono::seconds ahead) { ahead_ = ahead; }

private:
  std::chrono::seconds ahead_;
};

/// A directory with a home, a project under git, and a place for a store. No setting of the
/// machine's own git is in force in it.
class TestProject {
public:
  TestProject();

  [[nodiscard]] const std::filesystem::path& root() const { return root_; }
  [[nodiscard]] std::filesystem::path home() const { return directory_ / "home"; }
  [[nodiscard]] std::filesystem::path store() const { return directory_ / "store"; }
  [[nodiscard]] std::filesystem::path outside(std::string_view name) const {
    return directory_ / name;
  }
  /// Writes a file below the root.
  void write(std::string_view path, std::string_view content) const;
  /// Runs git in the root and returns what it printed.
  std::string git(const std::string& arguments) const;
  std::string shell(const std::string& command) const;
  void commit_all() const;

  ShiftedClock clock{std::chrono::seconds(10)};
  Cancellation cancellation;
  NoProgress progress;

private:
  TemporaryDirectory directory_;
  std::filesystem::path root_;
};

} // namespace savepoint::test
