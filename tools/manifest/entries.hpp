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
  std::string short_id;                 ///< It selects this one alone.
  std::optional<Timestamp> verified_at; ///< When it was found whole last, and no damage since.
};

/// `shown` are some of `all`, of which their short ids are told apart; `verifications`
/// are those of the log, the newest first.
[[nodiscard]] std::vector<Entry> entries_of(std::vector<manifest::Summary> shown,
                                            const std::vector<manifest::Summary>& all,
                                            const std::vector<store::Operation>& verifications);

} // namespace savepoint::tools
