#pragma once

#include "cli/session.hpp"
#include "run/options.hpp"

namespace savepoint::tools {

/// Does what `savepoint run` was asked for; what it returns is the command's exit code.
[[nodiscard]] ExitCode run_command(cli::Session& session, const RunOptions& options);

} // namespace savepoint::tools
