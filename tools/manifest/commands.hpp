#pragma once

#include "cli/session.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::tools {

using Arguments = std::vector<std::string>;

// The subcommands of savepoint-manifest. Each is also a command of `savepoint` itself, `rebuild`
// apart.
ExitCode list(cli::Session& session, const Arguments& arguments);
ExitCode show(cli::Session& session, const Arguments& arguments);
ExitCode files(cli::Session& session, const Arguments& arguments);
ExitCode diff(cli::Session& session, const Arguments& arguments);
ExitCode verify(cli::Session& session, const Arguments& arguments);
ExitCode export_snapshot(cli::Session& session, const Arguments& arguments);
ExitCode pin(cli::Session& session, const Arguments& arguments);
ExitCode unpin(cli::Session& session, const Arguments& arguments);
ExitCode tag(cli::Session& session, const Arguments& arguments);
ExitCode note(cli::Session& session, const Arguments& arguments);
ExitCode log(cli::Session& session, const Arguments& arguments);
ExitCode rebuild(cli::Session& session, const Arguments& arguments);

/// A subcommand in the list that --help prints and that names are looked up in.
struct Command {
  std::string_view name;
  std::string_view summary;
  ExitCode (*run)(cli::Session& session, const Arguments& arguments);
};
[[nodiscard]] std::span<const Command> commands();

/// Runs the subcommand that the session's arguments name.
[[nodiscard]] ExitCode run_command(cli::Session& session);

} // namespace savepoint::tools
