#include "restore/options.hpp"

#include "base/error.hpp"
#include "cli/destinations.hpp"
#include "cli/npm_script.hpp"
#include "cli/parser.hpp"

#include <utility>

namespace savepoint::tools {
namespace {

cli::Help restore_help() {
  return {.command = "savepoint restore",
          .summary = "Puts the project back to what it was in a snapshot, or writes it to DIR.\n"
                     "In place, a safety snapshot is taken first: 'savepoint undo' goes back.\n"
                     "On a terminal, without a snapshot, there is a list to choose from.",
          .usage = "[SNAPSHOT | --at REV | --branch B] [OPTIONS] [-- PATH...]",
          .exit_codes = {ExitCode::done, ExitCode::failed, ExitCode::usage, ExitCode::refused,
                         ExitCode::not_found, ExitCode::busy, ExitCode::corrupt,
                         ExitCode::saved_with_gaps},
          .example = "savepoint restore latest --dry-run\n"
                     "savepoint restore ab12 --yes -- src/app.ts"};
}

cli::Help undo_help() {
  return {.command = "savepoint undo",
          .summary = "Puts the project back to what it was before the last restore.\n"
                     "That is a restore as well: a second undo takes the first one back.",
          .usage = "[OPTIONS]",
          .exit_codes = {ExitCode::done, ExitCode::failed, ExitCode::usage, ExitCode::refused,
                         ExitCode::not_found, ExitCode::busy, ExitCode::corrupt},
          .example = "savepoint undo --yes"};
}

cli::Help recover_help() {
  return {.command = "savepoint recover",
          .summary =
              "Brings a restore to its end that was killed or could not put everything back.\n"
              "Without an option it asks which way; it can be run again at any time.",
          .usage = "[--continue | --rollback] [OPTIONS]",
          .exit_codes = {ExitCode::done, ExitCode::failed, ExitCode::usage, ExitCode::refused,
                         ExitCode::not_found, ExitCode::busy, ExitCode::corrupt,
                         ExitCode::saved_with_gaps},
          .example = "savepoint recover --rollback"};
}

/// What all commands need where a server keeps databases.
void add_database_options(cli::Parser& parser, restore::Request& request) {
  parser.texts("--confirm", "NAME", request.confirmed,
               "overwrite this protected database; may be repeated");
  parser.flag("--create-database", request.create_database, "make databases that are not there");
  parser.flag("--disconnect", request.disconnect, "end the sessions of others in a database");
}

void parse_undo(cli::Session& session, const std::vector<std::string>& arguments,
                RestoreOptions& options) {
  options.command = RestoreOptions::Command::undo;
  cli::Parser parser(session.common, undo_help());
  add_database_options(parser, options.request);
  parser.flag("-n,--dry-run", options.dry_run, "print what would be done, change nothing");
  parser.parse(arguments);
}

void parse_recover(cli::Session& session, const std::vector<std::string>& arguments,
                   RestoreOptions& options) {
  options.command = RestoreOptions::Command::recover;
  bool forward = false;
  bool back = false;
  cli::Parser parser(session.common, recover_help());
  parser.flag("--continue", forward, "finish it: to the snapshot that was being restored");
  parser.flag("--rollback", back, "go back: to what was before");
  add_database_options(parser, options.request);
  parser.flag("-n,--dry-run", options.dry_run, "print what would be done, change nothing");
  parser.parse(arguments);
  if (forward && back) {
    throw UsageError("cannot use --continue together with --rollback",
                     "--continue finishes the restore, --rollback goes back to what was before");
  }
  if (forward || back) {
    options.direction = forward ? restore::Direction::forward : restore::Direction::back;
  }
}

void check_source(const cli::Session& session, const RestoreOptions& options) {
  const int sources = (options.snapshot ? 1 : 0) + (options.at ? 1 : 0) + (options.branch ? 1 : 0);
  const cli::Common& common = session.common;
  const bool can_choose =
      session.terminal.can_ask() && !common.json && !common.quiet && !common.yes;
  if (sources == 0 && !can_choose) {
    throw UsageError("cannot restore: no snapshot is named",
                     "name one, as in 'savepoint restore latest'; 'savepoint list' shows them");
  }
  if (sources > 1) {
    throw UsageError("cannot restore: more than one snapshot is named",
                     "use one of SNAPSHOT, --at and --branch; paths go behind --");
  }
}

void parse_restore(cli::Session& session, RestoreOptions& options) {
  std::optional<std::string> to;
  std::optional<std::string> only;
  cli::Parser parser(session.common, restore_help());
  parser.optional("SNAPSHOT", options.snapshot,
                  "an id, a part of one, latest, a tag, branch:B, commit:REV");
  parser.behind_dashes("PATH", options.paths, "restore only what is at or below these paths");
  parser.text("--at", "REV", options.at, "the newest snapshot taken at this commit or before it");
  parser.text("--branch", "B", options.branch, "the same for the newest commit of branch B");
  parser.text("--to", "DIR", to, "into DIR, which must not exist or be empty");
  parser.text("--only", "PARTS", only, "code, config, database or database:NAME, with commas");
  parser.flag("--with-config", options.request.with_config,
              "also files that git ignores, such as .env");
  parser.flag("--git", options.request.git,
              "also branch, HEAD, index and an operation in progress");
  parser.flag("--keep-extra", options.request.keep_extra,
              "leave files that the snapshot does not have");
  parser.texts("--database", std::string(cli::k_destination_value), options.databases,
               "only this database, to there; may be repeated");
  parser.texts("--table", "T", options.request.tables,
               "only this table of one database; may be repeated");
  add_database_options(parser, options.request);
  parser.flag("--partial", options.request.partial, "give what can be given, name what cannot");
  parser.flag("-n,--dry-run", options.dry_run, "print what would be done, change nothing");
  parser.parse(session.arguments);
  check_source(session, options);
  if (only) {
    options.request.only = project::Selection::parse(*only);
  }
  if (to && (!options.databases.empty() || !options.request.tables.empty())) {
    throw UsageError("cannot use --to together with --database or --table",
                     "a directory takes whole snapshots; run two commands");
  }
  if (only && !options.databases.empty()) {
    throw UsageError("cannot use --only together with --database",
                     "--database restores nothing but the databases it names");
  }
  if (options.request.git && (to || !options.databases.empty() || !options.request.tables.empty() ||
                              !options.paths.empty())) {
    throw UsageError("cannot use --git together with --to, --database, --table or paths",
                     "the state of git belongs to the whole project, in place");
  }
  if (to) {
    if (to->empty()) {
      throw UsageError("cannot use --to: its value is empty");
    }
    options.to = std::filesystem::absolute(*to).lexically_normal();
  }
}

} // namespace

RestoreOptions parse_restore_options(cli::Session& session) {
  RestoreOptions options;
  cli::forget_dashes_of_pnpm(session, cli::Dashes::in_front);
  const cli::Split split = cli::split_command(session.arguments);
  if (split.command == "undo") {
    parse_undo(session, split.arguments, options);
  } else if (split.command == "recover") {
    parse_recover(session, split.arguments, options);
  } else {
    parse_restore(session, options);
  }
  session.terminal.set_options(session.common);
  cli::refuse_options_taken_by_npm(session);
  options.dry_run = options.dry_run || cli::is_dry_run_of_npm(session);
  return options;
}

} // namespace savepoint::tools
