#pragma once

#include "restore/restore.hpp"

#include <vector>

namespace savepoint::restore {

/// One line about each thing that changes, for `Plan::changes`.
[[nodiscard]] std::vector<PlannedChange> describe_git(const std::vector<GitChange>& changes);

} // namespace savepoint::restore
