#pragma once

#include "cli/session.hpp"

#include <string>
#include <vector>

namespace savepoint::tools {

using Arguments = std::vector<std::string>;

// The subcommands of savepoint-project. They belong to `savepoint`, which has none of the libraries
// they need, so that it starts at once.
ExitCode init(cli::Session& session, const Arguments& arguments);
ExitCode status(cli::Session& session, const Arguments& arguments);
ExitCode doctor(cli::Session& session, const Arguments& arguments);
ExitCode trust(cli::Session& session, const Arguments& arguments);
ExitCode completion(cli::Session& session, const Arguments& arguments);

/// Without a command: how things are with the project, and what to do next. It is what `savepoint`
/// alone says.
ExitCode state(cli::Session& session, const Arguments& arguments);

/// Runs the subcommand that the session's arguments name.
[[nodiscard]] ExitCode run_command(cli::Session& session);

} // namespace savepoint::tools
