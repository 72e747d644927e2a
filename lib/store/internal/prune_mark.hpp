#pragma once

#include "base/snapshot_id.hpp"
#include "store/internal/layout.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::store {

/// A snapshot that prune took out of the store.
struct PrunedSnapshot {
  SnapshotId id;
  /// The one before it, so that the chain of snapshots has no gap where it was; missing if there
  /// was none, or if its manifest could not be read any more.
  std::optional<SnapshotId> previous;
  std::string pruned_at; ///< ISO 8601.
};

/// marks/pruned-*.json: docs/formats/prune-mark.md.
[[nodiscard]] std::string print_prune_mark(const std::vector<PrunedSnapshot>& snapshots);
/// Throws CorruptionError, or NotFoundError for a newer version. `what` names it.
[[nodiscard]] std::vector<PrunedSnapshot> parse_prune_mark(std::string_view text,
                                                           std::string_view what);
[[nodiscard]] std::vector<PrunedSnapshot> read_prune_mark(const Layout& layout,
                                                          const std::filesystem::path& path);

} // namespace savepoint::store
