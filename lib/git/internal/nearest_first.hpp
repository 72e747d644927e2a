#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace savepoint::git {

/// What a walk over history needs to know of a commit.
struct CommitNode {
  std::int64_t time = 0;
  std::vector<std::string> parents; ///< Hex ids.
};

/// `start` and its ancestors by number of steps, the newer ones first among equals; at most
/// `limit`. `look_up` gives nothing for commits that are not there, as in a shallow clone.
[[nodiscard]] std::vector<std::string>
nearest_first(const std::string& start, std::size_t limit,
              const std::function<std::optional<CommitNode>(const std::string&)>& look_up);

} // namespace savepoint::git
