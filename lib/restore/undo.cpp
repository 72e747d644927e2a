#include "base/error.hpp"
#include "project/interrupted.hpp"
#include "project/select.hpp"
#include "restore/internal/safety.hpp"
#include "restore/recover.hpp"
#include "restore/restore.hpp"

#include <algorithm>

namespace savepoint::restore {

SnapshotId find_undo(const project::Project& project, const store::Store& store) {
  const manifest::ProjectIdentity identity = project.identity();
  for (const manifest::Summary& snapshot : project::visible_snapshots(store, &project)) {
    const bool was_used = std::ranges::count(snapshot.marks.tags, k_unused_tag) == 0;
    if (snapshot.trigger == "safety" && snapshot.worktree == identity.worktree && was_used) {
      return snapshot.id;
    }
  }
  throw NotFoundError("there is no restore to undo",
                      "'savepoint list' shows the snapshots there are");
}

Plan make_undo(const project::Project& project, store::Store& store, const Request& granted) {
  if (project::find_interrupted(project, store)) {
    return make_recovery(project, store, Direction::back, granted);
  }
  Request request;
  request.with_config = true;
  request.confirmed = granted.confirmed;
  request.create_database = granted.create_database;
  request.disconnect = granted.disconnect;
  return make_plan(project, store, store.load(find_undo(project, store)), request);
}

} // namespace savepoint::restore
