#pragma once

#include "cli/place.hpp"
#include "manifest/summary.hpp"
#include "store/operation_log.hpp"

#include <optional>
#include <vector>

namespace savepoint::tools {

/// A snapshot as `list` shows it.
struct Entry {
  manifest::Summary summary;
  std::string short_id; ///< It selects this one alone. Empty before `set_short_ids`.
  std::optional<Timestamp> verified_at; ///< When it was found whole last, and no damage since.
};

/// `verifications` are those of the log, the newest first.
[[nodiscard]] std::vector<Entry> entries_of(std::vector<manifest::Summary> shown,
                                            const std::vector<store::Operation>& verifications);

/// Gives each entry the shortest id that tells it from all others of `all`, which has them.
void set_short_ids(std::vector<Entry>& entries, const std::vector<manifest::Summary>& all);

} // namespace savepoint::tools
