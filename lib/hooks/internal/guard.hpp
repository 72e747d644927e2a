#pragma once

#include "hooks/installation.hpp"
#include "hooks/internal/surroundings.hpp"

namespace savepoint::hooks {

/// The directory of the guard, in git's common directory.
inline constexpr std::string_view k_guard_directory = "savepoint-guard";

// The guard is what core.fsmonitor names: git runs it before each command that looks at the index.
// It answers that everything may have changed, so that git looks itself.

/// Throws RefusedError beside git's own monitor, and where git would not look at ours: only if the
/// request has the guard installed. One that is there is kept up to date.
void put_guard(const Surroundings& surroundings, const Request& request, Plan& plan);
void take_guard_out(const Surroundings& surroundings, Plan& plan);
[[nodiscard]] GuardStatus look_at_guard(const Surroundings& surroundings, const Request& request);

} // namespace savepoint::hooks
