#pragma once

#include "cli/session.hpp"

namespace savepoint::cli {

// `npm run restore latest --yes` takes options for itself that were meant for us, and tells only
// the environment; `pnpm run restore -- latest` hands over its `--`.

/// Whether npm was told --dry-run.
[[nodiscard]] bool is_dry_run_of_npm(const Session& session);

/// Where pnpm's `--` may stand: in front of everything, for commands that have paths behind one of
/// their own, or anywhere.
enum class Dashes { in_front, anywhere };

/// Forgets pnpm's `--` in the arguments of a command that is run as a script.
void forget_dashes_of_pnpm(Session& session, Dashes dashes);

/// For commands that take something away, when run as a script: throws UsageError if npm took an
/// option that would have changed what they do and that did not get here in any other way.
void refuse_options_taken_by_npm(const Session& session);

} // namespace savepoint::cli
