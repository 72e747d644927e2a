#pragma once

#include "cli/session.hpp"

namespace savepoint::tools {

/// Becomes the executable that has the command that the session's arguments name, as git does.
/// Returns only where there is nothing to become.
[[nodiscard]] ExitCode dispatch(cli::Session& session);

} // namespace savepoint::tools
