#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace savepoint::manifest {

/// The trigger of a snapshot that keeps the databases of a branch (by its short name) which was
/// left. All databases are in such a snapshot.
[[nodiscard]] std::string follow_trigger(std::string_view branch);

/// The branch whose databases a snapshot with this trigger keeps; nothing for others.
[[nodiscard]] std::optional<std::string> followed_branch(std::string_view trigger);

} // namespace savepoint::manifest
