#pragma once

#include "cli/session.hpp"
#include "commands/label.hpp"
#include "project/selection.hpp"

#include <string>
#include <vector>

namespace savepoint::tools {

/// What `savepoint run` was asked for.
struct RunOptions {
  commands::Label label;
  project::Selection only;
  bool restore_on_failure = false;
  std::vector<std::string> confirmed; ///< Guarded databases that may be put back.
  bool disconnect = false;
  std::vector<std::string> command; ///< Not empty.
};

[[nodiscard]] RunOptions parse_run_options(cli::Session& session);

} // namespace savepoint::tools
