#include "base/error.hpp"
#include "base/printable.hpp"
#include "manifest/safety.hpp"
#include "project/interrupted.hpp"
#include "project/last_store.hpp"
#include "project/select.hpp"
#include "restore/internal/safety.hpp"
#include "restore/recover.hpp"
#include "restore/restore.hpp"
#include "store/restores.hpp"

#include <algorithm>
#include <set>

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

bool changed_something(const manifest::Summary& snapshot) {
  return snapshot.trigger == manifest::k_safety_trigger &&
         std::ranges::count(snapshot.marks.tags, k_unused_tag) == 0;
}

struct LastRestore {
  store::PastRestore restore;
  std::optional<manifest::Summary> safety; ///< Missing: it is gone from the store.
};

/// By the list of this work tree. Without one, as of restores by earlier versions, the newest that
/// is in no other's.
std::optional<LastRestore> last_restore(const project::Project& project,
                                        const store::Store& store) {
  const store::WorkTree tree = project::work_tree(project);
  const std::vector<manifest::Summary> visible = project::visible_snapshots(store, &project);
  for (const store::PastRestore& restore : store::find_restores(store, tree)) {
    const auto safety = std::ranges::find(visible, restore.safety, &manifest::Summary::id);
    if (safety == visible.end()) {
      return LastRestore{.restore = restore, .safety = std::nullopt};
    }
    if (changed_something(*safety)) {
      return LastRestore{.restore = restore, .safety = *safety};
    }
  }
  const std::set<SnapshotId> of_others = store::restores_of_others(store, tree);
  const auto newest = std::ranges::find_if(visible, [&](const manifest::Summary& snapshot) {
    return changed_something(snapshot) && !of_others.contains(snapshot.id);
  });
  return newest == visible.end()
             ? std::nullopt
             : std::optional(LastRestore{
                   .restore = {.safety = newest->id, .at = newest->created_at}, .safety = *newest});
}

/// When it was; nothing if there is no such store, or no restore in it.
std::optional<Timestamp> time_of_last_restore(const project::Project& project,
                                              const std::filesystem::path& store) {
  if (!store::Store::exists(store)) {
    return std::nullopt;
  }
  const auto last = last_restore(project, store::Store::open(store, store::Access::shared,
                                                             store::Store::k_patience,
                                                             project.context().cancellation));
  return last ? std::optional(last->restore.at) : std::nullopt;
}

} // namespace

SnapshotId find_undo(const project::Project& project, const store::Store& store) {
  const std::optional<LastRestore> last = last_restore(project, store);
  const std::string nothing = "there is no restore to undo";
  if (!last) {
    throw NotFoundError(nothing, "'savepoint list' shows the snapshots there are");
  }
  if (!last->safety) {
    throw NotFoundError(nothing + ": the snapshot that the last one took is gone",
                        "it was " + last->restore.safety.text() +
                            "; 'savepoint list --trigger safety' shows those of earlier restores");
  }
  if (manifest::is_elsewhere(*last->safety)) {
    throw_not_ours(*last->safety);
  }
  return last->safety->id;
}

bool was_restored(const project::Project& project, const store::Store& store,
                  const SnapshotId& target, const SnapshotId& since) {
  const std::set<SnapshotId> of_others =
      store::restores_of_others(store, project::work_tree(project));
  for (const manifest::Summary& snapshot : project::visible_snapshots(store, &project)) {
    if (snapshot.id == since) {
      return false;
    }
    if (changed_something(snapshot) && !of_others.contains(snapshot.id)) {
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
