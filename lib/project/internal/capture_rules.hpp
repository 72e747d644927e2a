#pragma once

#include "git/ignore.hpp"
#include "project/project.hpp"

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::project {

/// Patterns of the config and of the whole tree that decide what belongs to a project; the ignore
/// files in its directories come on top.
class CaptureRules {
public:
  CaptureRules(const Project& project, const std::vector<std::string>& not_databases);

  [[nodiscard]] bool uses_git() const { return uses_git_; }
  /// Ignore rules that hold before any .gitignore is read.
  [[nodiscard]] const std::shared_ptr<const git::IgnoreRules>& root_ignores() const {
    return root_ignores_;
  }
  /// Changes whenever any of these rules does.
  [[nodiscard]] std::uint64_t identity() const { return identity_; }

  [[nodiscard]] bool excluded(std::string_view path, bool is_directory) const;
  [[nodiscard]] bool included(std::string_view path, bool is_directory) const;
  /// Whether something below an ignored directory may be meant by an include pattern, or was found
  /// not to be a database.
  [[nodiscard]] bool may_include_below(std::string_view directory) const;
  /// Whether a file that is not code is a config file.
  [[nodiscard]] bool is_config_file(std::string_view path, std::string_view name) const;
  /// Whether `path` was found not to be a database although it looks like one.
  [[nodiscard]] bool is_no_database(std::string_view path) const;
  /// Whether there is any such path below `directory`.
  [[nodiscard]] bool has_no_database_below(std::string_view directory) const;
  /// Whether there is any such path.
  [[nodiscard]] bool names_no_databases() const { return !not_databases_.empty(); }

private:
  bool uses_git_;
  git::IgnorePatterns exclude_;
  git::IgnorePatterns include_;
  git::IgnorePatterns config_files_;
  std::vector<std::string> include_prefixes_;
  std::set<std::string, std::less<>> not_databases_;
  std::shared_ptr<const git::IgnoreRules> root_ignores_;
  std::uint64_t identity_ = 0;
};

/// Names that are never part of a project, at any level: git's own and ours.
[[nodiscard]] bool is_reserved_name(std::string_view name);

/// Directories that only tools fill, not worth searching for databases where git ignores them.
[[nodiscard]] bool is_tool_directory(std::string_view name);

} // namespace savepoint::project
