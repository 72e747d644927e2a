#include "cli/place.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "cli/paths.hpp"
#include "project/interrupted.hpp"
#include "project/select.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

namespace savepoint::cli {
namespace {

Place open_store_alone(Session& session, const std::filesystem::path& path, store::Access access) {
  log_at(session, nullptr, path);
  Place place{
      .project = std::nullopt,
      .store = store::Store::open(path, access, store::Store::k_patience, &session.cancellation()),
      .snapshots = {}};
  place.snapshots = project::visible_snapshots(place.store, nullptr);
  return place;
}

} // namespace

bool is_top_of_disk(const std::filesystem::path& path) {
  std::error_code trouble;
  const auto directory = std::filesystem::canonical(path, trouble);
  return !trouble && directory == directory.root_path();
}

bool is_marked(const project::Project& project) {
  return project.repository() != nullptr || !project.config().file.empty();
}

manifest::Summary Place::select(std::string_view selector) const {
  const auto id = SnapshotId::parse(selector);
  if (id && std::ranges::count(snapshots, *id, &manifest::Summary::id) == 0) {
    return project::select(project::visible_snapshots(store, nullptr), selector, nullptr);
  }
  return project::select(snapshots, selector, project_or_null());
}

std::vector<std::string> paths_in(const Session& session, const Place& place,
                                  const std::vector<std::string>& typed) {
  const std::filesystem::path top = "/";
  return place.project ? below_root(typed, std::filesystem::canonical(session.common.directory),
                                    place.project->root())
                       : below_root(typed, top, top);
}

project::Project open_project(Session& session) {
  return project::Project::open(session.common.directory, session.context());
}

void warn_if_interrupted(Session& session, const project::Project& project,
                         const std::filesystem::path& store) {
  std::optional<project::Due> due;
  try {
    due = project::find_due(project, store);
  } catch (const CorruptionError& error) {
    session.progress().clear();
    session.terminal.err("savepoint: " + std::string(error.what()) + "\n  " + error.hint() + "\n");
  }
  if (due) {
    session.progress().clear();
    session.terminal.err("savepoint: a restore of " + due->journal.target.text() +
                         " was interrupted, and the project is between two states\n"
                         "  'savepoint recover --continue' finishes it, 'savepoint recover "
                         "--rollback' goes back to what was before\n");
  }
}

void log_at(Session& session, const project::Project* project, const std::filesystem::path& store) {
  if (!session.operation.has_begun()) {
    return;
  }
  if (project == nullptr) {
    session.operation.set_place(store, {}, {});
  } else {
    session.operation.set_place(store, project->identity().id, project->root().string());
  }
}

store::Store open_store_for_snapshot(Session& session, const project::Project& project) {
  const std::filesystem::path path = project.store_path();
  log_at(session, &project, path);
  return store::Store::open_or_create(path, &session.cancellation());
}

std::optional<Place> open_place_if_any(Session& session, store::Access access,
                                       IfInterrupted if_interrupted) {
  if (session.common.store && is_top_of_disk(session.common.directory)) {
    return open_store_alone(session, *session.context().store, access); // never a project
  }
  project::Project project = open_project(session);
  if (session.common.store && !is_marked(project)) {
    const std::filesystem::path path = *session.context().store;
    Place alone = open_store_alone(session, path, access);
    std::vector<manifest::Summary> own = project::visible_snapshots(alone.store, &project);
    if (!own.empty()) {
      log_at(session, &project, path);
      if (if_interrupted == IfInterrupted::warn) {
        warn_if_interrupted(session, project, path);
      }
      alone.project = std::move(project);
      alone.snapshots = std::move(own);
    }
    return alone;
  }
  const std::filesystem::path path = project.store_path();
  log_at(session, &project, path);
  if (if_interrupted == IfInterrupted::warn) {
    warn_if_interrupted(session, project, path);
  }
  if (!session.common.store && !store::Store::exists(path)) {
    return std::nullopt;
  }
  return open_place_of(std::move(project), path, access);
}

Place open_place_of(project::Project project, const std::filesystem::path& path,
                    store::Access access) {
  store::Store store =
      store::Store::open(path, access, store::Store::k_patience, project.context().cancellation);
  std::vector<manifest::Summary> snapshots = project::visible_snapshots(store, &project);
  return Place{
      .project = std::move(project), .store = std::move(store), .snapshots = std::move(snapshots)};
}

std::string hint_for_first_snapshot(const project::Project& project) {
  std::string hint = "take one with: savepoint snapshot";
  if (const auto other = project.namesake()) {
    hint += "; if this project has lost its .git, its snapshots may be those in " +
            quoted(other->store.native()) + ": '" +
            (project.repository() == nullptr ? "git init && " : "") + "git config savepoint.id " +
            other->id + "' makes them its own again";
  }
  return hint;
}

Place open_place(Session& session, store::Access access, IfInterrupted if_interrupted) {
  std::optional<Place> place = open_place_if_any(session, access, if_interrupted);
  if (!place) {
    throw NotFoundError("there are no snapshots of this project yet",
                        hint_for_first_snapshot(open_project(session)));
  }
  return std::move(*place);
}

LogPlace find_log(Session& session) {
  const std::optional<std::filesystem::path> named = session.context().store;
  if (named && is_top_of_disk(session.common.directory)) {
    return {.log = store::OperationLog(*named), .project = {}};
  }
  const project::Project project = open_project(session);
  if (named && !is_marked(project)) {
    return {.log = store::OperationLog(*named), .project = {}};
  }
  return {.log = store::OperationLog(project.store_path()), .project = project.identity().id};
}

store::Store open_store(Session& session, store::Access access) {
  const std::optional<std::filesystem::path> named = session.context().store;
  if (named && is_top_of_disk(session.common.directory)) {
    log_at(session, nullptr, *named);
    return store::Store::open(*named, access, store::Store::k_patience, &session.cancellation());
  }
  const project::Project project = open_project(session);
  const std::filesystem::path path = named ? *named : project.store_path();
  log_at(session, !named || is_marked(project) ? &project : nullptr, path);
  if (!named || is_marked(project)) {
    warn_if_interrupted(session, project, path);
  }
  return store::Store::open(path, access, store::Store::k_patience, &session.cancellation());
}

} // namespace savepoint::cli
