#pragma once

#include "cli/session.hpp"
#include "ui/options.hpp"

namespace savepoint::tools {

/// Serves the page until somebody ends it. Which of the two folders below has it depends on whether
/// the parts of the page were there when this was built: without them it throws NotFoundError.
[[nodiscard]] ExitCode begin(cli::Session& session, const UiOptions& options);

} // namespace savepoint::tools
