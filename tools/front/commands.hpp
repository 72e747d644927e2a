#pragma once

#include "cli/session.hpp"

#include <string>
#include <vector>

namespace savepoint::tools {

using Arguments = std::vector<std::string>;

// What `savepoint` does itself.
ExitCode init(cli::Session& session, const Arguments& arguments);
ExitCode status(cli::Session& session, const Arguments& arguments);
ExitCode doctor(cli::Session& session, const Arguments& arguments);

/// Runs the command that the session's arguments name: here, or by becoming the executable that
/// has it, as git does.
[[nodiscard]] ExitCode run_command(cli::Session& session);

} // namespace savepoint::tools
