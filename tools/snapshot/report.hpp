#pragma once

#include "cli/session.hpp"
#include "snapshot/snapshot.hpp"

namespace savepoint::tools {

/// Says what was saved, in one line that ends in what to type to come back. Returns the exit code.
[[nodiscard]] ExitCode report(cli::Session& session, const snapshot::Taken& taken);

} // namespace savepoint::tools
