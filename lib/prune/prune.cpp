#include "prune/prune.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "manifest/safety.hpp"
#include "store/check.hpp"
#include "store/journal.hpp"
#include "store/reclaim.hpp"

#include <algorithm>
#include <iterator>
#include <set>

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

/// Every safety snapshot, and what was restored after it: the sides of any restore there was.
std::set<SnapshotId> sides_of_all_restores(const store::Store& store) {
  std::set<SnapshotId> sides;
  for (const manifest::Summary& snapshot : store.snapshots()) {
    if (snapshot.trigger != manifest::k_safety_trigger) {
      continue;
    }
    sides.insert(snapshot.id);
    try {
      for (const SnapshotId& id :
           manifest::restored_after(store.load(snapshot.id), snapshot.marks)) {
        sides.insert(id);
      }
    } catch (const CorruptionError&) {
      continue; // nobody can go back to it
    }
  }
  return sides;
}

/// The snapshots between which a restore was interrupted: whoever recovers needs them. Where a
/// journal is damaged, all that could be.
std::set<SnapshotId> needed_for_recovery(const store::Store& store) {
  const store::Journals journals = store::list_journals(store);
  std::set<SnapshotId> needed;
  if (!journals.unreadable.empty()) {
    needed = sides_of_all_restores(store);
  }
  for (const store::Journal& journal : journals.whole) {
    needed.insert(journal.target);
    needed.insert(journal.safety);
  }
  return needed;
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

/// Why the manifest or the marks of a snapshot cannot be read; nothing if they can, or if there is
/// no such snapshot and never was.
std::optional<std::string> find_trouble(const store::Store& store, const SnapshotId& id) {
  if (!store.has_snapshot(id)) {
    const std::vector<SnapshotId> missing = store::missing_snapshots(store);
    return std::ranges::count(missing, id) > 0 ? std::optional<std::string>("missing")
                                               : std::nullopt;
  }
  try {
    static_cast<void>(store.load(id));
    static_cast<void>(store.marks(id));
    return std::nullopt;
  } catch (const CorruptionError&) {
    return "damaged";
  }
}

/// What is known of a snapshot that no list has: its id says when it was taken.
manifest::Summary unlisted(const SnapshotId& id) {
  const std::string& text = id.text(); // YYYYMMDD-HHMMSS-…
  const std::string time = text.substr(0, 4) + "-" + text.substr(4, 2) + "-" + text.substr(6, 2) +
                           "T" + text.substr(9, 2) + ":" + text.substr(11, 2) + ":" +
                           text.substr(13, 2) + "Z";
  return {.id = id,
          .sequence = 0,
          .created_at = parse_iso8601(time).value_or(Timestamp()),
          .trigger = {},
          .project = {},
          .worktree = {},
          .branch = {},
          .commit = {},
          .dirty = false,
          .state = {},
          .bytes = 0,
          .bytes_added = 0,
          .complete = false,
          .components = {},
          .marks = {}};
}

bool is_pinned(const store::Store& store, const Plan& plan, const SnapshotId& id) {
  try {
    return store.marks(id).pinned;
  } catch (const CorruptionError&) {
    if (std::ranges::count(plan.damaged, id) == 0) {
      throw;
    }
  } catch (const NotFoundError&) {
    if (std::ranges::count(plan.damaged, id) == 0) {
      throw;
    }
  }
  return false;
}

/// Bytes of the store that these snapshots may be thought to take: not those that others have
/// added, whose room no removal of these gives back.
std::uint64_t size_of_share(const store::Store& store,
                            const std::vector<manifest::Summary>& snapshots) {
  std::set<SnapshotId> ours;
  for (const manifest::Summary& snapshot : snapshots) {
    ours.insert(snapshot.id);
  }
  std::uint64_t size = store.size_in_bytes();
  for (const manifest::Summary& other : store.snapshots()) {
    size -= ours.contains(other.id) ? 0 : std::min(size, other.bytes_added);
  }
  return size;
}

} // namespace

Plan plan_by_policy(const store::Store& store, const std::vector<manifest::Summary>& snapshots,
                    const config::Retention& retention, Timestamp now,
                    const std::vector<std::string>& live_branches,
                    const Cancellation& cancellation) {
  const std::uint64_t size = retention.max_size ? size_of_share(store, snapshots) : 0;
  std::vector<retention::Decision> decisions =
      retention::decide(snapshots, retention, now, live_branches, size);
  const std::set<SnapshotId> needed = needed_for_recovery(store);
  for (retention::Decision& decision : decisions) {
    if (!decision.keep && needed.contains(decision.snapshot.id)) {
      decision.keep = true;
      decision.reasons = {"needed by 'savepoint recover'"};
    }
  }
  return to_plan(store, std::move(decisions), cancellation);
}

Plan plan_named(const store::Store& store, const std::vector<manifest::Summary>& snapshots,
                const std::vector<SnapshotId>& ids, const Cancellation& cancellation) {
  std::vector<retention::Decision> decisions;
  for (const manifest::Summary& snapshot : snapshots) {
    const bool is_named = std::ranges::count(ids, snapshot.id) > 0;
    decisions.push_back(
        {.snapshot = snapshot, .keep = !is_named, .reasons = {is_named ? "named" : "not named"}});
  }
  std::vector<SnapshotId> damaged;
  const std::set<SnapshotId> needed = needed_for_recovery(store);
  for (const SnapshotId& id : ids) {
    const auto named = std::ranges::find(snapshots, id, &manifest::Summary::id);
    const std::optional<std::string> trouble = find_trouble(store, id);
    if (trouble) {
      damaged.push_back(id);
    }
    if (named == snapshots.end()) {
      if (!trouble) {
        throw NotFoundError("there is no snapshot " + quoted(id.text()),
                            "'savepoint list' shows the snapshots there are");
      }
      decisions.push_back(
          {.snapshot = unlisted(id), .keep = false, .reasons = {"named", *trouble}});
    } else if (named->marks.pinned) {
      throw RefusedError("snapshot " + quoted(id.text()) + " is pinned",
                         "'savepoint unpin " + id.text() + "' lets it go");
    }
    if (needed.contains(id)) {
      throw RefusedError("snapshot " + quoted(id.text()) + " is needed: a restore was interrupted",
                         "run 'savepoint recover' first");
    }
  }
  Plan plan = to_plan(store, std::move(decisions), cancellation);
  plan.damaged = std::move(damaged);
  return plan;
}

Pruned execute(store::Store& store, Plan plan, Timestamp now, const Cancellation& cancellation,
               Progress& progress) {
  for (const retention::Decision& decision : plan.removed) {
    if (is_pinned(store, plan, decision.snapshot.id)) {
      throw RefusedError("snapshot " + quoted(decision.snapshot.id.text()) +
                             " was pinned since this was planned",
                         "plan again");
    }
  }
  cancellation.check();
  if (plan.damaged.empty()) {
    store::require_complete(store); // before the first one goes, not after
  }
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
