#pragma once

#include "cli/session.hpp"
#include "project/select.hpp"
#include "restore/recover.hpp"
#include "restore/restore.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace savepoint::tools {

/// What `savepoint restore`, `undo` and `recover` were asked for.
struct RestoreOptions {
  enum class Command { restore, undo, recover };
  Command command = Command::restore;
  std::optional<restore::Direction> direction; ///< Of `recover`.
  // Of `restore`: at most one of these three; none: somebody is asked.
  std::optional<std::string> snapshot;
  std::optional<std::string> at;
  std::optional<std::string> branch;
  /// What `at` or `branch` led to, once it is known.
  std::optional<project::AtRevision> found = std::nullopt;

  std::optional<std::filesystem::path> to; ///< Absolute.
  std::vector<std::string> paths;          ///< As typed.
  std::vector<std::string> databases;      ///< --database as typed.
  restore::Request request; ///< `paths` and `destinations` are still missing from it.
  bool dry_run = false;
};

[[nodiscard]] RestoreOptions parse_restore_options(cli::Session& session);

} // namespace savepoint::tools
