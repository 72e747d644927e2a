#pragma once

#include "base/timestamp.hpp"
#include "hooks/follow.hpp"
#include "store/operation_log.hpp"
#include "json/value.hpp"

#include <string>

namespace savepoint::tools {

/// What became of databases that were to follow the branch, as documents have it.
[[nodiscard]] json::Value to_json(const hooks::Followed& followed);

/// The same in one line for people; empty if there is nothing to say.
[[nodiscard]] std::string line_of(const hooks::Followed& followed, Timestamp now);

/// Says the same in a line of the operations log.
void log_followed(store::Operation& line, const hooks::Followed& followed);

} // namespace savepoint::tools
