#pragma once

#include "cli/session.hpp"
#include "manifest/summary.hpp"
#include "project/project.hpp"
#include "store/operation_log.hpp"
#include "store/store.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::cli {

/// Where a command works: a store, and the project whose snapshots are meant. With --store and
/// outside of any project it is the store alone, and all of its snapshots are meant.
struct Place {
  std::optional<project::Project> project;
  store::Store store;
  std::vector<manifest::Summary> snapshots; ///< Those that are meant, the newest first.

  [[nodiscard]] const project::Project* project_or_null() const {
    return project ? &*project : nullptr;
  }
  /// The snapshot that SNAPSHOT means. A whole id is found in all of the store, so that snapshots
  /// of a project that lost its own id stay within reach.
  [[nodiscard]] manifest::Summary select(std::string_view selector) const;
};

/// Paths as they were typed, below the root of the place's project; those of a store alone are as
/// its snapshots have them.
///
/// Throws UsageError for a path that leads out of the project.
[[nodiscard]] std::vector<std::string> paths_in(const Session& session, const Place& place,
                                                const std::vector<std::string>& typed);

/// Whether `project` is more than just a directory in which the command was started.
[[nodiscard]] bool is_marked(const project::Project& project);

/// Whether a directory is the one that holds all others, which never is a project.
[[nodiscard]] bool is_top_of_disk(const std::filesystem::path& path);

/// The project that holds the directory of -C.
[[nodiscard]] project::Project open_project(Session& session);

/// Whether a command says so where a recovery is due.
enum class IfInterrupted { warn, leave };

/// Says that a restore of this project was interrupted, if one was. `store` is the one that is
/// used now; the restore may be of another one.
void warn_if_interrupted(Session& session, const project::Project& project,
                         const std::filesystem::path& store);

/// Says where the operation that this run may be works. `project` may be null.
void log_at(Session& session, const project::Project* project, const std::filesystem::path& store);

/// Opens the store of a project for a snapshot, and makes it if there is none.
[[nodiscard]] store::Store open_store_for_snapshot(Session& session,
                                                   const project::Project& project);

/// How to get the first snapshot of `project`, and where earlier ones may be if it has lost its
/// .git and with it who it was.
[[nodiscard]] std::string hint_for_first_snapshot(const project::Project& project);

/// Opens the place of a command that reads or marks snapshots.
///
/// Throws NotFoundError where there is no store yet.
[[nodiscard]] Place open_place(Session& session, store::Access access = store::Access::shared,
                               IfInterrupted if_interrupted = IfInterrupted::warn);

/// The same, but nothing where the project simply has no store yet because no snapshot was taken.
[[nodiscard]] std::optional<Place>
open_place_if_any(Session& session, store::Access access = store::Access::shared,
                  IfInterrupted if_interrupted = IfInterrupted::warn);

/// The place of `project` in the store at `path`.
[[nodiscard]] Place open_place_of(project::Project project, const std::filesystem::path& path,
                                  store::Access access = store::Access::shared);

/// An operations log, and the id of the project whose lines are meant; empty: those of all.
struct LogPlace {
  store::OperationLog log;
  std::string project;
};
/// Finds it without opening the store: it is there to say why that fails.
[[nodiscard]] LogPlace find_log(Session& session);

/// The store alone, without a look at its snapshots.
[[nodiscard]] store::Store open_store(Session& session,
                                      store::Access access = store::Access::shared);

} // namespace savepoint::cli
