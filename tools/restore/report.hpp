#pragma once

#include "cli/session.hpp"
#include "restore/options.hpp"
#include "restore/restore.hpp"

#include <cstddef>
#include <string>

namespace savepoint::tools {

/// The list of changes that a plan will make, for people: with at most so many files, and all
/// databases.
[[nodiscard]] std::string plan_text(const cli::Session& session, const project::Project& project,
                                    const restore::Plan& plan, const RestoreOptions& options,
                                    std::size_t most_files);

/// Says what a dry run would have done.
void report_dry_run(cli::Session& session, const project::Project& project,
                    const restore::Plan& plan, const RestoreOptions& options);
/// The same for a restore into a directory.
void report_preview(cli::Session& session, const restore::Restored& preview,
                    const RestoreOptions& options);
/// Says that the project is as in the snapshot already.
void report_nothing_to_do(cli::Session& session, const restore::Plan& plan,
                          const RestoreOptions& options);
/// Says that no restore was interrupted.
void report_nothing_due(cli::Session& session);
/// Says what was restored, and how to undo it.
void report_restored(cli::Session& session, const restore::Restored& restored,
                     const RestoreOptions& options);

} // namespace savepoint::tools
