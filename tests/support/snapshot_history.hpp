#pragma once

#include "manifest/summary.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace savepoint::test {

/// A moment by its ISO 8601 name.
inline Timestamp at(std::string_view time) {
  return parse_iso8601(time).value();
}

/// A snapshot of the project "shop", with nothing but a place in history.
inline manifest::Summary snapshot(std::uint64_t sequence, Timestamp time) {
  return {.id = SnapshotId::make(time, "0000"),
          .sequence = sequence,
          .created_at = time,
          .trigger = "manual",
          .project = "shop",
          .worktree = "",
          .branch = std::nullopt,
          .commit = std::nullopt,
          .dirty = false,
          .state = "",
          .bytes = 0,
          .bytes_added = 0,
          .complete = true,
          .components = {},
          .marks = {}};
}

inline manifest::Summary snapshot(std::uint64_t sequence, std::string_view time) {
  return snapshot(sequence, at(time));
}

/// Snapshots taken at `times`, given in the order in which they were taken; the newest first.
inline std::vector<manifest::Summary> history(const std::vector<std::string>& times) {
  std::vector<manifest::Summary> snapshots;
  for (std::size_t i = times.size(); i > 0; --i) {
    snapshots.push_back(snapshot(i, times[i - 1]));
  }
  return snapshots;
}

} // namespace savepoint::test
