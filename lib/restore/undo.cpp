#include "base/error.hpp"
#include "project/select.hpp"
#include "restore/internal/safety.hpp"
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

} // namespace savepoint::restore
