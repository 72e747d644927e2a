#pragma once

#include "git/internal/nearest_first.hpp"
#include "git/repository.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace savepoint::git {

/// What `Repository::lineage` promises, of commits that `look_up` knows.
[[nodiscard]] Lineage
find_lineage(const std::vector<std::string>& commits, std::size_t limit,
             const std::function<std::optional<CommitNode>(const std::string&)>& look_up);

} // namespace savepoint::git
