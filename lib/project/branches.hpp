#pragma once

#include "manifest/summary.hpp"
#include "project/project.hpp"

#include <string>
#include <vector>

namespace savepoint::project {

/// Those branches on which `snapshots` were taken, or whose databases they keep, that still exist,
/// the current one included.
/// `project` may be null: then there are none.
[[nodiscard]] std::vector<std::string>
live_branches(const std::vector<manifest::Summary>& snapshots, const Project* project);

} // namespace savepoint::project
