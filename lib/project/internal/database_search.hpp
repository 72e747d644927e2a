#pragma once

#include "project/internal/capture_rules.hpp"
#include "project/scan.hpp"

#include <string>
#include <vector>

namespace savepoint::project {

/// What the search of ignored directories gave.
struct IgnoredSearch {
  std::vector<FoundDatabase> databases;
  std::vector<manifest::LeftOut> left_out; ///< What was not searched, and why.
};

/// Looks for databases in directories that git ignores: `data/`, `instance/`, `storage/` … Bounded
/// in depth and number of names, so that a forgotten heap of files costs little. The same files
/// give the same result, in whatever order the directories come.
[[nodiscard]] IgnoredSearch search_ignored(const Project& project, const CaptureRules& rules,
                                           std::vector<std::string> directories);

} // namespace savepoint::project
