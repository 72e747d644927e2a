#pragma once

#include "cli/session.hpp"
#include "prune/options.hpp"

namespace savepoint::tools {

/// Plans, asks where that is due, and removes.
[[nodiscard]] ExitCode run_prune(cli::Session& session, const PruneOptions& options);

} // namespace savepoint::tools
