#include "base/error.hpp"
#include "base/printable.hpp"
#include "manifest/safety.hpp"
#include "project/interrupted.hpp"
#include "project/last_store.hpp"
#include "project/select.hpp"
#include "restore/internal/safety.hpp"
#include "restore/recover.hpp"
#include "restore/restore.hpp"

#include <algorithm>

namespace savepoint::restore {
namespace {

/// What was replaced is saved, but where it was is not the project's, and how to get in there is
/// not kept.
[[noreturn]] void throw_not_ours(const manifest::Summary& saved) {
  throw RefusedError("the last restore went into a database that is not the project's, and undo "
                     "does not go there",
                     "what was there before: savepoint restore " + saved.id.text() +
                         " --database " + printable(saved.components.front().name) +
                         "=URL; an earlier restore is undone by restoring its safety snapshot, see "
                         "'savepoint list --trigger safety'");
}

} // namespace

namespace {

std::optional<manifest::Summary> last_restore(const project::Project& project,
                                              const store::Store& store) {
  const manifest::ProjectIdentity identity = project.identity();
  for (const manifest::Summary& snapshot : project::visible_snapshots(store, &project)) {
    const bool was_used = std::ranges::count(snapshot.marks.tags, k_unused_tag) == 0;
    if (snapshot.trigger != manifest::k_safety_trigger || snapshot.worktree != identity.worktree ||
        !was_used) {
      continue;
    }
    return snapshot;
  }
  return std::nullopt;
}

/// When it was; nothing if there is no such store, or no restore in it.
std::optional<Timestamp> time_of_last_restore(const project::Project& project,
                                              const std::filesystem::path& store) {
  if (!store::Store::exists(store)) {
    return std::nullopt;
  }
  const auto last = last_restore(project, store::Store::open(store, store::Access::shared));
  return last ? std::optional(last->created_at) : std::nullopt;
}

} // namespace

SnapshotId find_undo(const project::Project& project, const store::Store& store) {
  const std::optional<manifest::Summary> last = last_restore(project, store);
  if (!last) {
    throw NotFoundError("there is no restore to undo",
                        "'savepoint list' shows the snapshots there are");
  }
  if (manifest::is_elsewhere(*last)) {
    throw_not_ours(*last);
  }
  return last->id;
}

bool was_restored(const project::Project& project, const store::Store& store,
                  const SnapshotId& target, const SnapshotId& since) {
  for (const manifest::Summary& snapshot : project::visible_snapshots(store, &project)) {
    if (snapshot.id == since) {
      return false;
    }
    if (snapshot.trigger == manifest::k_safety_trigger &&
        std::ranges::count(snapshot.marks.tags, k_unused_tag) == 0) {
      const auto targets = manifest::restored_after(store.load(snapshot.id), snapshot.marks);
      if (std::ranges::count(targets, target) > 0) {
        return true;
      }
    }
  }
  return false;
}

std::filesystem::path store_of_last_restore(const project::Project& project,
                                            const std::filesystem::path& present,
                                            std::chrono::milliseconds wait) {
  if (const auto due = project::find_due(project, present, wait)) {
    return due->store;
  }
  const auto other = project::remembered_store(project);
  if (!other || *other == present) {
    return present;
  }
  const auto there = time_of_last_restore(project, *other);
  return there && there > time_of_last_restore(project, present) ? *other : present;
}

Plan make_undo(const project::Project& project, store::Store& store, const Request& granted) {
  if (project::find_interrupted(project, store)) {
    return make_recovery(project, store, Direction::back, granted);
  }
  Request request;
  request.with_config = true;
  request.is_undo = true;
  request.confirmed = granted.confirmed;
  request.create_database = granted.create_database;
  request.disconnect = granted.disconnect;
  const manifest::Manifest target = store.load(find_undo(project, store));
  request.git = std::ranges::count(target.tags, k_git_tag) > 0;
  if (std::ranges::count(target.tags, k_databases_tag) > 0) {
    request.only.code = false;
    request.only.config = false;
  }
  return make_plan(project, store, target, request);
}

} // namespace savepoint::restore
