#pragma once

#include "git/repository.hpp"
#include "git/state_staging.hpp"
#include "git/state_step.hpp"

#include <string>
#include <vector>

namespace savepoint::git {

/// The branches that have to move for `goal`, and that of its HEAD even if it need not. What `goal`
/// says of the index and of files does not matter.
///
/// Throws RefusedError if one of them is in use in another work tree, or cannot be made because of
/// the name of another.
[[nodiscard]] std::vector<StateStep::Reference> branch_moves(const Repository& repository,
                                                             const StateGoal& goal);

/// The work tree, other than that of `repository`, which has `branch` (refs/heads/…) checked out or
/// is in the middle of a rebase or a bisection of it; empty if there is none.
[[nodiscard]] std::string other_work_tree_of(const Repository& repository,
                                             const std::string& branch);

} // namespace savepoint::git
