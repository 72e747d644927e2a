#include "prune/prune.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "store/reclaim.hpp"

#include <algorithm>
#include <iterator>

namespace savepoint::prune {
namespace {

std::vector<SnapshotId> ids_of(const std::vector<retention::Decision>& decisions) {
  std::vector<SnapshotId> ids;
  ids.reserve(decisions.size());
  for (const retention::Decision& decision : decisions) {
    ids.push_back(decision.snapshot.id);
  }
  return ids;
}

Plan to_plan(const store::Store& store, std::vector<retention::Decision> decisions,
             const Cancellation& cancellation) {
  Plan plan;
  for (retention::Decision& decision : decisions) {
    (decision.keep ? plan.kept : plan.removed).push_back(std::move(decision));
  }
  if (!plan.removed.empty()) {
    plan.bytes_to_free = store::reclaimable(store, ids_of(plan.removed), cancellation);
  }
  return plan;
}

} // namespace

Plan plan_by_policy(const store::Store& store, const std::vector<manifest::Summary>& snapshots,
                    const config::Retention& retention, Timestamp now,
                    const std::vector<std::string>& live_branches,
                    const Cancellation& cancellation) {
  return to_plan(store,
                 retention::decide(snapshots, retention, now, live_branches, store.size_in_bytes()),
                 cancellation);
}

Plan plan_named(const store::Store& store, const std::vector<manifest::Summary>& snapshots,
                const std::vector<SnapshotId>& ids, const Cancellation& cancellation) {
  for (const SnapshotId& id : ids) {
    const auto named = std::ranges::find(snapshots, id, &manifest::Summary::id);
    if (named == snapshots.end()) {
      throw NotFoundError("there is no snapshot " + quoted(id.text()),
                          "'savepoint list' shows the snapshots there are");
    }
    if (named->marks.pinned) {
      throw RefusedError("snapshot " + quoted(id.text()) + " is pinned",
                         "'savepoint unpin " + id.text() + "' lets it go");
    }
  }
  std::vector<retention::Decision> decisions;
  for (const manifest::Summary& snapshot : snapshots) {
    const bool is_named = std::ranges::count(ids, snapshot.id) > 0;
    decisions.push_back(
        {.snapshot = snapshot, .keep = !is_named, .reasons = {is_named ? "named" : "not named"}});
  }
  return to_plan(store, std::move(decisions), cancellation);
}

Pruned execute(store::Store& store, Plan plan, Timestamp now, const Cancellation& cancellation,
               Progress& progress) {
  for (const retention::Decision& decision : plan.removed) {
    if (store.marks(decision.snapshot.id).pinned) {
      throw RefusedError("snapshot " + quoted(decision.snapshot.id.text()) +
                             " was pinned since this was planned",
                         "plan again");
    }
  }
  cancellation.check();
  if (!plan.removed.empty()) {
    store::remove_snapshots(store, ids_of(plan.removed), now);
  }
  // Also with nothing removed: killed snapshots and an interrupted prune leave data behind.
  const store::Reclaimed reclaimed = store::reclaim(store, cancellation, progress);
  return {.bytes_freed = reclaimed.bytes_freed,
          .packs_removed = reclaimed.packs_removed,
          .packs_rewritten = reclaimed.packs_rewritten};
}

} // namespace savepoint::prune
