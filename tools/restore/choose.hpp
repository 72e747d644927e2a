#pragma once

#include "base/snapshot_id.hpp"
#include "cli/place.hpp"
#include "cli/session.hpp"

namespace savepoint::tools {

/// Has somebody choose the snapshot to restore, who sees what would change. Requires
/// `terminal.can_ask()`.
///
/// Throws RefusedError if none was chosen or a recovery is due, NotFoundError if there is none.
[[nodiscard]] SnapshotId choose_snapshot(cli::Session& session, cli::Place& place);

} // namespace savepoint::tools
