#pragma once

#include "process/run.hpp"

#include <compare>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::git {

/// The version of a git program.
struct GitVersion {
  int major = 0;
  int minor = 0;
  friend auto operator<=>(const GitVersion&, const GitVersion&) = default;
};

/// Reads what `git --version` says: "git version 2.39.5 (Apple Git-154)"; nothing if it is no such
/// line.
[[nodiscard]] std::optional<GitVersion> parse_git_version(std::string_view line);

/// The git program that the user runs, with the user's own settings: for what depends on what that
/// one will do. Everything else about a repository is asked of `Repository`.
class UserGit {
public:
  /// Nothing if there is no git in the user's PATH. `environment` is the user's; git sees of it
  /// only what decides about its settings, and nothing that leads to one repository.
  [[nodiscard]] static std::optional<UserGit> find(std::filesystem::path work_tree,
                                                   std::map<std::string, std::string> environment);

  [[nodiscard]] GitVersion version() const;

  /// A value of a setting and where it is set: "system", "global", "local", "worktree" or
  /// "command".
  struct Setting {
    std::string scope;
    std::string value;
  };
  /// All values of `key`, a path, the one that counts last. Throws IoError if git cannot read them.
  [[nodiscard]] std::vector<Setting> paths(const std::string& key) const;
  /// The same of any text.
  [[nodiscard]] std::vector<Setting> values(const std::string& key) const;

private:
  UserGit(std::filesystem::path program, std::filesystem::path work_tree,
          std::map<std::string, std::string> environment);
  [[nodiscard]] process::Result run(std::vector<std::string> arguments) const;
  [[nodiscard]] std::vector<Setting> read_settings(const std::string& key, const char* type) const;

  std::filesystem::path program_;
  std::filesystem::path work_tree_;
  std::map<std::string, std::string> environment_;
};

} // namespace savepoint::git
