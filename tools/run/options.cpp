#include "run/options.hpp"

#include "base/error.hpp"
#include "cli/parser.hpp"
#include "manifest/words.hpp"

#include <optional>
#include <utility>

namespace savepoint::tools {
namespace {

cli::Help help() {
  return {.command = "savepoint run",
          .summary = "Takes a snapshot, then runs a command. Ends with the command's exit code.\n"
                     "If it fails, everything can be put back, or is with --restore-on-failure.",
          .usage = "[OPTIONS] -- COMMAND [ARGUMENT...]",
          .exit_codes = {ExitCode::failed, ExitCode::usage, ExitCode::refused, ExitCode::not_found,
                         ExitCode::busy, ExitCode::corrupt},
          .example = "savepoint run --restore-on-failure -- npx prisma migrate dev"};
}

} // namespace

RunOptions parse_run_options(cli::Session& session) {
  RunOptions options;
  std::optional<std::string> label;
  std::optional<std::string> only;
  cli::Parser parser(session.common, help());
  parser.behind_dashes("COMMAND", options.command, "what to run, with its arguments");
  parser.text("--label", "L", label, "what the snapshot is found by (default: of the command)");
  parser.text("--only", "PARTS", only, "code, config, database or database:NAME, with commas");
  parser.flag("--restore-on-failure", options.restore_on_failure,
              "put everything back if the command fails");
  parser.texts("--confirm", "NAME", options.confirmed,
               "this protected database may be put back; may be repeated");
  parser.flag("--disconnect", options.disconnect,
              "to put a database back, end the sessions of others in it");
  parser.parse(session.arguments);
  session.terminal.set_options(session.common);

  if (options.command.empty()) {
    throw UsageError("there is no command to run",
                     "write it behind --, as in 'savepoint run -- npm run migrate'");
  }
  options.label = commands::label_of(options.command);
  if (label) {
    if (label->empty()) {
      throw UsageError(
          "cannot use an empty text as a label",
          "leave --label out: the snapshot is then found by what the command is called");
    }
    options.label.text = *label;
  }
  manifest::check_trigger("run:" + options.label.text);
  if (only) {
    options.only = project::Selection::parse(*only);
  }
  return options;
}

} // namespace savepoint::tools
