#pragma once

#include "fs/lock.hpp"
#include "hooks/event.hpp"
#include "hooks/internal/owner.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace savepoint::hooks {

/// Who holds it is at work on the databases of this work tree. Nothing if somebody else held it for
/// so long.
[[nodiscard]] std::optional<fs::FileLock> lock_databases(const project::Project& project,
                                                         const store::Store& store,
                                                         std::chrono::seconds wait);

/// Has a snapshot leave out databases that somebody else is at work on.
void leave_databases_out(snapshot::Request& request);

/// What was left, in words: "main (0123456789)".
[[nodiscard]] std::string what_was_left(const manifest::HookMoment& left);

/// What the hook of a checkout does where databases follow; `request` is that of the snapshot it
/// takes otherwise. Whatever keeps the databases from following is in the answer. Nothing if they
/// are of the branch that was entered.
[[nodiscard]] std::optional<Answered> follow_checkout(const project::Project& project,
                                                      store::Store& store,
                                                      const snapshot::Request& request);

} // namespace savepoint::hooks
