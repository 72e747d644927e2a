#pragma once

#include "hooks/installation.hpp"
#include "hooks/internal/surroundings.hpp"

namespace savepoint::hooks {

// That databases follow the branch is a setting in the repository's configuration, so that hooks in
// whatever place know of it.

/// Without `request.follow`, whatever it says stays.
void put_follow(const Surroundings& surroundings, const git::Repository& repository,
                const Request& request, Plan& plan);
void take_follow_out(const Surroundings& surroundings, Plan& plan);
[[nodiscard]] FollowStatus look_at_follow(const Surroundings& surroundings,
                                          const git::Repository& repository);

} // namespace savepoint::hooks
