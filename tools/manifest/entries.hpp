#pragma once

#include "cli/place.hpp"
#include "manifest/summary.hpp"
#include "store/operation_log.hpp"

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace savepoint::tools {

/// A snapshot as `list` shows it.
struct Entry {
  const manifest::Summary* summary; ///< Of the list from which the entries were made.
  std::string short_id;             ///< It selects this one alone; empty if nobody asked for it.
  std::optional<Timestamp> verified_at; ///< When it was found whole last, and no damage since.
};

/// The shortest ids that tell snapshots from all others, by their whole ids.
using ShortIds = std::unordered_map<std::string, std::string>;
[[nodiscard]] ShortIds short_ids_of(const std::vector<manifest::Summary>& all);

/// `verifications` are those of the log, the newest first; `short_ids` has none, or all that are
/// shown. `shown` must outlive the entries.
[[nodiscard]] std::vector<Entry> entries_of(const std::vector<manifest::Summary>& shown,
                                            const std::vector<store::Operation>& verifications,
                                            const ShortIds& short_ids);
std::vector<Entry> entries_of(std::vector<manifest::Summary>&&,
                              const std::vector<store::Operation>&, const ShortIds&) = delete;

} // namespace savepoint::tools
