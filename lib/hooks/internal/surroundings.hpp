#pragma once

#include "git/repository.hpp"
#include "git/user_git.hpp"
#include "hooks/installation.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace savepoint::hooks {

/// The directory of ours, in git's common directory.
inline constexpr std::string_view k_our_directory = "savepoint-hooks";

/// What counts for the place of hooks in one repository.
struct Surroundings {
  std::filesystem::path top;    ///< Of the work tree that we were called in.
  std::filesystem::path common; ///< Git's common directory.
  git::GitVersion version;
  /// Where git would look without us; relative ones start at the top of each work tree.
  std::optional<std::filesystem::path> hooks_path;
  bool looks_at_ours = false; ///< core.hooksPath leads to `our_directory()`.
  bool is_overridden = false; ///< core.hooksPath is set for the work tree alone.

  std::vector<git::UserGit::Setting> monitors; ///< Of core.fsmonitor; the one that counts last.

  [[nodiscard]] std::filesystem::path our_directory() const { return common / k_our_directory; }
  [[nodiscard]] std::filesystem::path default_directory() const { return common / "hooks"; }
  /// Where the hooks of others are.
  [[nodiscard]] std::filesystem::path their_directory() const;
  /// The place that fits.
  [[nodiscard]] Place best_place() const;
};

/// Nothing if there is no git in the user's PATH.
[[nodiscard]] std::optional<Surroundings> look_around(const git::Repository& repository,
                                                      const Request& request);

} // namespace savepoint::hooks
