#pragma once

#include "cli/place.hpp"
#include "cli/session.hpp"

#include <optional>

namespace savepoint::tools {

/// `savepoint status --check`: one line, and an exit code for cron and monitoring.
[[nodiscard]] ExitCode check_health(cli::Session& session, const std::optional<cli::Place>& place);

} // namespace savepoint::tools
