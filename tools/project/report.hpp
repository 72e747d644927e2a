#pragma once

#include "cli/place.hpp"
#include "cli/present.hpp"
#include "project/interrupted.hpp"
#include "json/value.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace savepoint::tools {

/// How things are with a project, as `status` and `savepoint` alone say it.
struct Report {
  const project::Project* project = nullptr; ///< Null where a store alone is meant.
  std::filesystem::path store;
  std::uint64_t store_bytes = 0;
  std::size_t snapshots = 0;
  std::optional<manifest::Summary> last; ///< The newest that somebody wanted.
  std::optional<cli::SinceThen> since;
  std::optional<project::Due> interrupted;
};

/// What a store tells, without a look at the files of the project. `place` must outlive it.
[[nodiscard]] Report report_of(const cli::Place& place);
/// The same where no snapshot was taken yet. `project` must outlive it.
[[nodiscard]] Report report_without_store(const project::Project& project);
/// Looks what changed since the last snapshot.
void add_changes_since(Report& report, cli::Place& place);

/// The document of `status --json`.
[[nodiscard]] json::Value document_of(const Report& report);
/// A line about databases of which only a dump would tell what is in them; empty if there are none.
/// Requires that `since` is there.
[[nodiscard]] std::string unread_of(const Report& report);

} // namespace savepoint::tools
