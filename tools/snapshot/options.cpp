#include "snapshot/options.hpp"

#include "cli/npm_script.hpp"
#include "cli/parser.hpp"
#include "manifest/words.hpp"

#include <optional>
#include <string>
#include <utility>

namespace savepoint::tools {
namespace {

cli::Help help() {
  return {.command = "savepoint snapshot",
          .summary = "Takes a snapshot of the project: files, databases and configuration.",
          .usage = "[-m NOTE] [--tag T]... [OPTIONS]",
          .exit_codes = {ExitCode::done, ExitCode::failed, ExitCode::usage, ExitCode::refused,
                         ExitCode::not_found, ExitCode::busy, ExitCode::corrupt,
                         ExitCode::saved_with_gaps},
          .example = "savepoint snapshot -m 'before the migration' --tag before-v2",
          .for_stray = "a note is given with -m, as in the example of 'savepoint snapshot --help'"};
}

void check(const snapshot::Request& request) {
  manifest::check_note(request.note);
  for (const std::string& tag : request.tags) {
    manifest::check_tag(tag);
  }
  manifest::check_trigger(request.trigger);
}

} // namespace

snapshot::Request parse_snapshot_options(cli::Session& session) {
  snapshot::Request request;
  std::optional<std::string> note;
  std::optional<std::string> only;
  std::optional<std::string> trigger;
  cli::forget_dashes_of_pnpm(session, cli::Dashes::anywhere);
  cli::Parser parser(session.common, help());
  parser.text("-m,--note", "NOTE", note, "say what it is for");
  parser.texts("--tag", "T", request.tags, "a name to find it by; may be repeated");
  parser.flag("--pin", request.pinned, "prune never removes it");
  parser.text("--only", "PARTS", only, "code, config, database or database:NAME, with commas");
  parser.text("--trigger", "T", trigger, "what caused it (default: manual)");
  parser.flag("--if-changed", request.if_changed,
              "do nothing if the newest snapshot says the same");
  parser.flag("--require-database", request.require_database,
              "fail if a database of the project is not captured");
  parser.parse(session.arguments);
  session.terminal.set_options(session.common);

  request.note = note.value_or("");
  request.trigger = trigger.value_or("manual");
  request.require_used_databases = request.require_database;
  if (only) {
    request.only = project::Selection::parse(*only);
  }
  check(request);
  return request;
}

} // namespace savepoint::tools
