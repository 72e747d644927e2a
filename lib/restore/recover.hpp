#pragma once

#include "restore/restore.hpp"

#include <cstdint>

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

/// Removes what restores have left in the project that were killed before they changed anything.
void sweep_leftovers(const project::Project& project);

} // namespace savepoint::restore
