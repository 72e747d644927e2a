#pragma once

#include "restore/internal/plan_state.hpp"

#include <optional>

namespace savepoint::restore {

/// The public `make_plan`, also for what is left of an interrupted restore: what then is asked for
/// and is not in `target` is what the interrupted one brought.
[[nodiscard]] Plan make_plan(const project::Project& project, store::Store& store,
                             const manifest::Manifest& target, Request request,
                             std::optional<Recovery> recovery);

} // namespace savepoint::restore
