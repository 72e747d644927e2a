#pragma once

#include "cli/session.hpp"
#include "prune/prune.hpp"

#include <optional>
#include <string>

namespace savepoint::tools {

/// Every snapshot of the plan with what happens to it and why, for people.
[[nodiscard]] std::string plan_text(const cli::Session& session, const prune::Plan& plan);

/// Says what was done, or with nothing in `pruned` what would be.
void report(cli::Session& session, const prune::Plan& plan,
            const std::optional<prune::Pruned>& pruned);

} // namespace savepoint::tools
