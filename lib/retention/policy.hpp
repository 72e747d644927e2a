#pragma once

#include "base/timestamp.hpp"
#include "config/config.hpp"
#include "manifest/summary.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace savepoint::retention {

/// What happens to one snapshot, and why; every reason that keeps it is named.
struct Decision {
  manifest::Summary snapshot;
  bool keep = true;
  std::vector<std::string>
      reasons; ///< "last 1 of 20", "daily 2026-11-21", "pinned" … or why it goes.
};

/// Decides what stays. Pure.
///
/// Rules are ORed, and count for each project apart. Calendar buckets are those of UTC (weeks of
/// ISO 8601), the newest snapshot of a bucket stands for it, and only buckets that have snapshots
/// count. Without any rule by number or age those of `default_retention` hold. Always kept: pinned
/// ones, the newest of each work tree and of each branch in `live_branches`, of each work tree the
/// newest that keeps the databases of such a branch, safety snapshots of the last 24 hours,
/// snapshots from the future, and those with one of the policy's tags. Ages are counted from the
/// newest snapshot of the project, so that nothing goes because a clock was ahead for a moment.
/// `max_count` and `max_size` then drop the oldest of what only rules keep.
///
/// `snapshots` newest first (by sequence); so is the result. `store_size` is for `max_size`, where
/// each snapshot counts with its `bytes_added`.
[[nodiscard]] std::vector<Decision> decide(const std::vector<manifest::Summary>& snapshots,
                                           const config::Retention& retention, Timestamp now,
                                           const std::vector<std::string>& live_branches,
                                           std::uint64_t store_size);

} // namespace savepoint::retention
