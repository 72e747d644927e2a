#include "cli/place.hpp"

#include "base/error.hpp"
#include "project/interrupted.hpp"
#include "project/select.hpp"

#include <system_error>
#include <utility>

namespace savepoint::cli {
namespace {

/// Whether `project` is more than just a directory in which the command was started.
bool is_marked(const project::Project& project) {
  return project.repository() != nullptr || !project.config().file.empty();
}

Place open_store_alone(const std::filesystem::path& path, store::Access access) {
  Place place{.project = std::nullopt, .store = store::Store::open(path, access), .snapshots = {}};
  place.snapshots = project::visible_snapshots(place.store, nullptr);
  return place;
}

} // namespace

manifest::Summary Place::select(std::string_view selector) const {
  if (SnapshotId::parse(selector)) {
    return project::select(project::visible_snapshots(store, nullptr), selector, nullptr);
  }
  return project::select(snapshots, selector, project_or_null());
}

project::Project open_project(Session& session) {
  return project::Project::open(session.common.directory, session.context());
}

void warn_if_interrupted(Session& session, const project::Project& project,
                         const store::Store& store) {
  std::optional<store::Journal> interrupted;
  try {
    interrupted = project::find_interrupted(project, store);
  } catch (const CorruptionError& error) {
    session.progress().clear();
    session.terminal.err("savepoint: " + std::string(error.what()) + "\n  " + error.hint() + "\n");
  }
  if (interrupted) {
    session.progress().clear();
    session.terminal.err("savepoint: a restore of " + interrupted->target.text() +
                         " was interrupted, and the project is between two states\n"
                         "  'savepoint recover --continue' finishes it, 'savepoint recover "
                         "--rollback' goes back to what was before\n");
  }
}

std::optional<Place> open_place_if_any(Session& session, store::Access access,
                                       IfInterrupted if_interrupted) {
  std::error_code trouble;
  const auto directory = std::filesystem::canonical(session.common.directory, trouble);
  if (session.common.store && !trouble && directory == directory.root_path()) {
    return open_store_alone(*session.context().store, access); // never a project
  }
  project::Project project = open_project(session);
  if (session.common.store && !is_marked(project)) {
    const std::filesystem::path path = *session.context().store;
    Place alone = open_store_alone(path, access);
    std::vector<manifest::Summary> own = project::visible_snapshots(alone.store, &project);
    if (!own.empty()) {
      alone.project = std::move(project);
      alone.snapshots = std::move(own);
    }
    return alone;
  }
  const std::filesystem::path path = project.store_path();
  if (!session.common.store && !store::Store::exists(path)) {
    return std::nullopt;
  }
  store::Store store = store::Store::open(path, access);
  if (if_interrupted == IfInterrupted::warn) {
    warn_if_interrupted(session, project, store);
  }
  std::vector<manifest::Summary> snapshots = project::visible_snapshots(store, &project);
  return Place{
      .project = std::move(project), .store = std::move(store), .snapshots = std::move(snapshots)};
}

Place open_place(Session& session, store::Access access, IfInterrupted if_interrupted) {
  std::optional<Place> place = open_place_if_any(session, access, if_interrupted);
  if (!place) {
    throw NotFoundError("there are no snapshots of this project yet",
                        "take one with: savepoint snapshot");
  }
  return std::move(*place);
}

store::Store open_store(Session& session, store::Access access) {
  const std::optional<std::filesystem::path> named = session.context().store;
  return store::Store::open(named ? *named : open_project(session).store_path(), access);
}

} // namespace savepoint::cli
