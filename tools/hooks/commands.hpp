#pragma once

#include "cli/session.hpp"
#include "git/repository.hpp"
#include "hooks/installation.hpp"

#include <string>
#include <vector>

namespace savepoint::tools {

using Arguments = std::vector<std::string>;

/// Runs what the command line names first: install, uninstall, status, follow or run.
[[nodiscard]] ExitCode run_hooks_command(cli::Session& session);

[[nodiscard]] ExitCode install_hooks(cli::Session& session, const Arguments& arguments);
[[nodiscard]] ExitCode uninstall_hooks(cli::Session& session, const Arguments& arguments);
[[nodiscard]] ExitCode show_hooks(cli::Session& session, const Arguments& arguments);
[[nodiscard]] ExitCode follow_branch(cli::Session& session, const Arguments& arguments);
/// What an installed hook calls.
[[nodiscard]] ExitCode run_hook(cli::Session& session, const Arguments& arguments);

} // namespace savepoint::tools
