#pragma once

#include "cli/session.hpp"

#include <filesystem>
#include <string>

#include <sys/types.h>

namespace savepoint::tools {

/// Reads the command line and does what it asks for.
[[nodiscard]] ExitCode run_guard(cli::Session& session);

/// Takes a snapshot if the git command that `caller` is, or was called by, can take work away: once
/// for each command that the user gave, of which `last_guarded` is a note. Ends that command if
/// there is no snapshot and the settings say so. A command that takes nothing away costs a look at
/// its command line.
[[nodiscard]] ExitCode watch_git(cli::Session& session, pid_t caller,
                                 const std::filesystem::path& last_guarded);

/// Reads the event of a coding agent's tool from the standard input, and takes a snapshot if it is
/// a command line that can take work away. Exit code 2 keeps the agent from running it, if there is
/// no snapshot and the settings say so.
[[nodiscard]] ExitCode watch_agent(cli::Session& session);

/// What became of asking for a snapshot.
enum class Outcome { may_go_on, must_stop };

/// Has savepoint-hooks take the snapshot of the project that `directory` is in, and say so.
[[nodiscard]] Outcome take_snapshot(cli::Session& session, const std::filesystem::path& directory,
                                    const std::string& label);

} // namespace savepoint::tools
