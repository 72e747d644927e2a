#pragma once

#include "cli/session.hpp"

#include <filesystem>
#include <string_view>

namespace savepoint::cli {

/// Says `text`, through a pager if it is longer than the screen of a terminal: that of
/// SAVEPOINT_PAGER, of the user's setting core.pager of git (never one of the repository), of
/// PAGER, or less. An empty one, or `cat`, means none. One that is missing is done without, and one
/// that is left early is no error. `work_tree` is where git looks for its settings.
void say_paged(Session& session, std::string_view text, const std::filesystem::path& work_tree);

} // namespace savepoint::cli
