#pragma once

#include "base/cancellation.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace savepoint::process {

/// Where the standard output of a program in the foreground goes.
enum class Output { ours, to_our_errors };

/// Runs a program with our terminal, environment, standard streams and open directory, and waits
/// for its end; returns its exit code, or 128 + the number of the signal that ended it.
///
/// Meanwhile what is typed on the terminal (SIGINT, SIGQUIT) is for the program, which gets it from
/// there; SIGTERM and SIGHUP that reach us are passed on. One thread may do this at a time.
///
/// `words` are the name to show and the arguments, as argv. Throws IoError if the program cannot be
/// started, CancelledError if that was asked for before.
[[nodiscard]] int run_in_foreground(const std::filesystem::path& program,
                                    const std::vector<std::string>& words, Output output,
                                    const Cancellation& cancellation);

} // namespace savepoint::process
