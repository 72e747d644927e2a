#pragma once

#include "base/error.hpp"
#include "cli/session.hpp"

#include <functional>
#include <string>
#include <vector>

namespace savepoint::cli {

/// What a tool does. Its result is the exit code of the process.
using Tool = std::function<ExitCode(Session&)>;

/// Runs a tool: gives it a session, turns signals into its cancellation, and turns whatever it
/// throws into a message in three parts and an exit code. The one place that catches everything.
[[nodiscard]] int run_tool(int argc, char** argv, const Tool& tool);

/// Becomes the program `path`, as a shell would start it: with the signals as we found them.
/// Returns only if that fails, with errno.
[[nodiscard]] int become(const std::string& path, const std::vector<std::string>& arguments);

} // namespace savepoint::cli
