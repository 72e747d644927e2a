#pragma once

#include "restore/restore.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>

namespace savepoint::restore {

enum class Direction : std::uint8_t {
  forward, ///< To the snapshot that was being restored.
  back,    ///< To the state before.
};

/// Plans what is left of an interrupted restore, as `make_plan` does; `execute` then brings it to
/// its end. Both may die and be done again, in this or the other direction. Of `granted` only
/// `confirmed`, `create_database` and `disconnect` count, in addition to what the restore had.
///
/// Throws NotFoundError if no recovery is due.
[[nodiscard]] Plan make_recovery(const project::Project& project, store::Store& store,
                                 Direction direction, const Request& granted = {});

/// The store in which the last restore of the work tree can be undone or, if it was interrupted,
/// brought to its end: `present`, or another one that it was given, or that the settings named
/// before it changed them. Waits as long for the end of a restore that is at work.
[[nodiscard]] std::filesystem::path
store_of_last_restore(const project::Project& project, const std::filesystem::path& present,
                      std::chrono::milliseconds wait = std::chrono::milliseconds(0));

/// Removes what restores have left in the project that were killed before they changed anything.
void sweep_leftovers(const project::Project& project);

} // namespace savepoint::restore
