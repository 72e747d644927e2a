#pragma once

#include "base/cancellation.hpp"
#include "base/progress.hpp"
#include "config/config.hpp"
#include "retention/policy.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace savepoint::prune {

/// What prune will do: made once, printed, then executed as it is.
struct Plan {
  std::vector<retention::Decision> kept;
  std::vector<retention::Decision> removed;
  std::uint64_t bytes_to_free = 0; ///< As far as can be said beforehand.
  /// Of those that are removed by name: what cannot be read of them does not matter any more.
  std::vector<SnapshotId> damaged;
};

/// Plans by policy. `snapshots` are those it is about (of one project, or all of the store).
[[nodiscard]] Plan plan_by_policy(const store::Store& store,
                                  const std::vector<manifest::Summary>& snapshots,
                                  const config::Retention& retention, Timestamp now,
                                  const std::vector<std::string>& live_branches,
                                  const Cancellation& cancellation);
/// Plans to remove just these. One whose manifest is damaged, or is missing though it was never
/// pruned, can be named too: that gives it up, and is the only way in which its data can go.
///
/// Throws RefusedError if one is pinned, CorruptionError if others than these are damaged.
[[nodiscard]] Plan plan_named(const store::Store& store,
                              const std::vector<manifest::Summary>& snapshots,
                              const std::vector<SnapshotId>& ids, const Cancellation& cancellation);

struct Pruned {
  std::uint64_t bytes_freed = 0;
  std::uint64_t packs_removed = 0;
  std::uint64_t packs_rewritten = 0;
};

/// Removes what the plan says and reclaims its room. Dies anywhere without harm: what was removed
/// stays removed, what is kept stays whole, and the next prune finishes.
///
/// Requires a store opened exclusively.
Pruned execute(store::Store& store, Plan plan, Timestamp now, const Cancellation& cancellation,
               Progress& progress);

} // namespace savepoint::prune
