#pragma once

#include "restore/internal/plan_state.hpp"
#include "restore/internal/safety.hpp"
#include "restore/internal/stage.hpp"
#include "restore/internal/swap.hpp"
#include "store/store.hpp"

#include <vector>

namespace savepoint::restore {

/// The steps that turn the project into what was planned, in their order: databases; then what
/// goes, files before directories; then what comes, directories before files; then modes and times,
/// the deepest directories first. Databases of `staged` that a driver swaps are numbered in their
/// order.
[[nodiscard]] std::vector<Step> make_steps(const store::Store& store, const fs::Descriptor& root,
                                           const Plan::State& plan, const Staged& staged,
                                           const Sights& sights);

} // namespace savepoint::restore
