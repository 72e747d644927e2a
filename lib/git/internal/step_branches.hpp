#pragma once

#include "git/state_step.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace savepoint::git {

/// Where a branch of the step's repository is; nothing if it is not there.
[[nodiscard]] std::optional<std::string> branch_value(const StateStep& step,
                                                      const std::string& name);

[[noreturn]] void refuse_moved(const std::string& reference);

/// Moves a branch from one commit to another, durably, unless it is there already.
///
/// Throws BusyError if it is in neither place, or another git command holds its lock.
void move_branch(const StateStep& step, const std::string& name,
                 const std::optional<std::string>& from, const std::optional<std::string>& to,
                 const std::string& message);

/// Removes the locks that a git left which moved a branch of the step in `staging` for us and died
/// with us. Locks that no git of ours can have made stay.
///
/// Throws BusyError if there is a lock of which that cannot be told.
void remove_left_locks(const std::filesystem::path& staging);

} // namespace savepoint::git
