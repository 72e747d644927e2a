#pragma once

#include "base/snapshot_id.hpp"
#include "base/timestamp.hpp"
#include "store/journal.hpp"
#include "store/store.hpp"

#include <set>
#include <vector>

namespace savepoint::store {

// A copy of a project, and a new work tree of a removed one's name, see the same snapshots. So that
// none of them takes the restore of another for its own, each has a list: docs/formats/restores.md.

/// A restore that changed something.
struct PastRestore {
  SnapshotId safety; ///< What was there before.
  Timestamp at;
};

/// Those of one work tree, the newest first. None if the list is missing or damaged.
[[nodiscard]] std::vector<PastRestore> find_restores(const Store& store, const WorkTree& tree);
/// The safety snapshots in the lists of all other work trees.
[[nodiscard]] std::set<SnapshotId> restores_of_others(const Store& store, const WorkTree& tree);

/// Puts a restore at the beginning of the list, durably.
void add_restore(Store& store, const WorkTree& tree, const PastRestore& restore);
/// Takes it out again, durably, if it is there.
void remove_restore(Store& store, const WorkTree& tree, const SnapshotId& safety);

} // namespace savepoint::store
