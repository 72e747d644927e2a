#include "prune/options.hpp"

#include "base/error.hpp"
#include "cli/npm_script.hpp"
#include "cli/parser.hpp"

namespace savepoint::tools {
namespace {

cli::Help help() {
  return {.command = "savepoint prune",
          .summary = "Removes the snapshots that no rule keeps, and gives their room back.\n"
                     "Rules by number or age here take the place of those of the configuration.",
          .usage = "[--dry-run] [--keep-last N] ... [--snapshot ID]...",
          .exit_codes = {ExitCode::done, ExitCode::failed, ExitCode::usage, ExitCode::refused,
                         ExitCode::not_found, ExitCode::busy, ExitCode::corrupt},
          .example = "savepoint prune --dry-run --keep-last 5 --keep-daily 14\n"
                     "savepoint prune --yes --snapshot ab12"};
}

} // namespace

PruneOptions parse_prune_options(cli::Session& session) {
  PruneOptions options;
  config::Retention& policy = options.policy;
  std::optional<std::string> within;
  std::optional<std::string> max_size;
  cli::forget_dashes_of_pnpm(session, cli::Dashes::anywhere);
  cli::Parser parser(session.common, help());
  parser.flag("-n,--dry-run", options.dry_run, "print what would be done, change nothing");
  parser.number("--keep-last", "N", policy.keep_last, "keep the newest N");
  parser.number("--keep-hourly", "N", policy.keep_hourly, "keep the newest of each of N hours");
  parser.number("--keep-daily", "N", policy.keep_daily, "keep the newest of each of N days");
  parser.number("--keep-weekly", "N", policy.keep_weekly, "keep the newest of each of N weeks");
  parser.number("--keep-monthly", "N", policy.keep_monthly, "keep the newest of each of N months");
  parser.number("--keep-yearly", "N", policy.keep_yearly, "keep the newest of each of N years");
  parser.text("--keep-within", "DURATION", within,
              "keep all that are younger, as in 36h, 10d, 3mo");
  parser.texts("--keep-tag", "T", policy.keep_tags, "keep all with this tag; may be repeated");
  parser.text("--max-size", "SIZE", max_size,
              "then drop the oldest until it fits, as in 500M, 10G");
  parser.number("--max-count", "N", policy.max_count, "then drop the oldest beyond N");
  parser.texts("--snapshot", "ID", options.snapshots, "remove just this one; may be repeated");
  parser.parse(session.arguments);
  session.terminal.set_options(session.common);
  cli::refuse_options_taken_by_npm(session);

  if (within) {
    policy.keep_within = config::parse_duration(*within, "--keep-within");
  }
  if (max_size) {
    policy.max_size = config::parse_size(*max_size, "--max-size");
  }
  if (!policy.empty() && !options.snapshots.empty()) {
    throw UsageError("cannot prune by rules and by name at once",
                     "use either --snapshot or --keep-... and --max-...");
  }
  options.dry_run = options.dry_run || cli::is_dry_run_of_npm(session);
  return options;
}

} // namespace savepoint::tools
