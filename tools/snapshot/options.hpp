#pragma once

#include "cli/session.hpp"
#include "snapshot/snapshot.hpp"

namespace savepoint::tools {

/// Reads the command line of `savepoint snapshot`.
[[nodiscard]] snapshot::Request parse_snapshot_options(cli::Session& session);

} // namespace savepoint::tools
