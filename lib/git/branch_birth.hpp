#pragma once

#include "base/timestamp.hpp"
#include "git/repository.hpp"

#include <optional>
#include <string_view>

namespace savepoint::git {

/// When a branch was made, as its reflog says: to the second, and exactly while nothing has moved
/// it since. `branch` is its short name. Nothing if git keeps no such notes here, or no longer.
[[nodiscard]] std::optional<Timestamp> branch_birth(const Repository& repository,
                                                    std::string_view branch);

} // namespace savepoint::git
