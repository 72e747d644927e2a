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
  /// when first asked for; without git it follows from the path. A project that was saved before it
  /// came under git stays who it was.
  [[nodiscard]] manifest::ProjectIdentity identity() const;

  /// Where its snapshots are: --store, SAVEPOINT_STORE, the config, or a directory of its own below
  /// $XDG_DATA_HOME/savepoint (one of an earlier name of the project too), unless there is none and
  /// git's common directory has a store. The directory may not exist yet.
  ///
  /// Throws UsageError if the store would lie inside the project, or the project inside the store.
  [[nodiscard]] std::filesystem::path store_path() const;
  /// A store beside the usual one that is called after a project of this name with another id, and
  /// that id: what this project was before its .git was lost, or a namesake. Of several the one
  /// that was written to last.
  struct Namesake {
    std::filesystem::path store;
    std::string id;
  };
  [[nodiscard]] std::optional<Namesake> namesake() const;
  /// The directory `savepoint` in git's common directory: where the store is to be made if home
  /// does not last and nothing else is set. Nothing if `store_path` has a say in it already: by a
  /// setting, or because a store is there; nor without git.
  [[nodiscard]] std::optional<std::filesystem::path> store_beside_git() const;

private:
  [[nodiscard]] std::optional<std::filesystem::path>
  default_store(const manifest::ProjectIdentity& identity) const;
  struct State;
  explicit Project(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

} // namespace savepoint::project
