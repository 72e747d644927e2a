#pragma once

#include "cli/session.hpp"
#include "restore/options.hpp"

namespace savepoint::tools {

/// Finds the snapshot, shows the plan, asks where that is due, and restores.
[[nodiscard]] ExitCode run_restore(cli::Session& session, RestoreOptions options);

} // namespace savepoint::tools
