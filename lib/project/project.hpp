#pragma once

#include "config/config.hpp"
#include "git/repository.hpp"
#include "manifest/manifest.hpp"
#include "project/context.hpp"

#include <filesystem>
#include <memory>
#include <optional>

namespace savepoint::project {

/// A directory that is saved: normally the top of a git work tree, else the directory that has a
/// savepoint.json or package.json, else the one given.
class Project {
public:
  /// Finds the project that holds `directory` and reads its config.
  ///
  /// Throws UsageError for a config that is wrong, NotFoundError if `directory` does not exist.
  [[nodiscard]] static Project open(const std::filesystem::path& directory, const Context& context);
  ~Project();
  Project(Project&&) noexcept;
  Project& operator=(Project&&) noexcept;

  [[nodiscard]] const std::filesystem::path& root() const; ///< Absolute, without symlinks.
  [[nodiscard]] const config::Config& config() const;
  /// Null for a project without git.
  [[nodiscard]] git::Repository* repository() const;
  [[nodiscard]] const Context& context() const;

  /// Who it is. The id of a project under git is kept in its git config as savepoint.id, and made
  /// when first asked for; without git it follows from the path.
  [[nodiscard]] manifest::ProjectIdentity identity() const;

  /// Where its snapshots are: --store, SAVEPOINT_STORE, the config, or a directory of its own below
  /// $XDG_DATA_HOME/savepoint. The directory may not exist yet.
  ///
  /// Throws UsageError if the store would lie inside the project, or the project inside the store.
  [[nodiscard]] std::filesystem::path store_path() const;

private:
  struct State;
  explicit Project(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

} // namespace savepoint::project
