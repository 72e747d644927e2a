#pragma once

#include "project/internal/capture_rules.hpp"
#include "project/scan.hpp"

#include <string>
#include <vector>

namespace savepoint::project {

/// Looks for databases in directories that git ignores: `data/`, `instance/`, `storage/` … Bounded
/// in depth and number of names, so that a forgotten heap of files costs little.
[[nodiscard]] std::vector<FoundDatabase>
search_ignored(const Project& project, const CaptureRules& rules,
               const std::vector<std::string>& directories);

} // namespace savepoint::project
