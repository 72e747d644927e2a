#pragma once

#include "cli/session.hpp"
#include "config/config.hpp"

#include <string>
#include <vector>

namespace savepoint::tools {

/// What `savepoint prune` was asked for.
struct PruneOptions {
  config::Retention policy;           ///< Beside the configured one.
  std::vector<std::string> snapshots; ///< Just these, if there are any.
  bool dry_run = false;
};

[[nodiscard]] PruneOptions parse_prune_options(cli::Session& session);

} // namespace savepoint::tools
