#include "base/error.hpp"
#include "base/printable.hpp"
#include "cli/parser.hpp"
#include "cli/place.hpp"
#include "manifest/commands.hpp"
#include "restore/restore.hpp"

#include <filesystem>
#include <optional>

namespace savepoint::tools {
namespace {

struct Options {
  std::string selector;
  std::filesystem::path directory;
};

Options parse(cli::Session& session, const Arguments& arguments) {
  Options options;
  std::optional<std::string> directory;
  cli::Parser parser(
      session.common,
      {.command = "savepoint export",
       .summary = "Writes a snapshot as a plain directory that can be browsed "
                  "without savepoint:\ncodebase/, databases/, environment/ (keys, "
                  "never values) and manifest.json.",
       .usage = "SNAPSHOT --to DIR",
       .exit_codes = {ExitCode::done, ExitCode::failed, ExitCode::usage, ExitCode::refused,
                      ExitCode::not_found, ExitCode::busy, ExitCode::corrupt},
       .example = "savepoint export latest --to /tmp/snapshot"});
  parser.required("SNAPSHOT", options.selector,
                  "an id, a part of one, latest, a tag, branch:B, commit:REV");
  parser.text("--to", "DIR", directory, "a directory that does not exist or is empty");
  parser.parse(arguments);
  session.terminal.set_options(session.common);
  if (!directory || directory->empty()) {
    throw UsageError("cannot export: --to DIR is missing", "see 'savepoint export --help'");
  }
  options.directory = std::filesystem::absolute(*directory).lexically_normal();
  return options;
}

} // namespace

ExitCode export_snapshot(cli::Session& session, const Arguments& arguments) {
  const Options options = parse(session, arguments);
  session.begin_operation("export");
  const cli::Place place = cli::open_place(session);
  const manifest::Summary summary = place.select(options.selector);
  session.operation.line().snapshot = summary.id.text();
  restore::export_to(place.store, place.store.load(summary.id), options.directory,
                     session.context());
  session.note_change(quoted(options.directory.string()) + " was written");
  session.progress().clear();

  json::Value document = cli::Session::new_document();
  document.set("exported", summary.id.text());
  document.set("to", json::text_or_bytes(options.directory.string()));
  session.terminal.document(document);
  session.terminal.id(summary.id.text());
  session.terminal.say("exported " + summary.id.text() + " to " +
                       quoted(options.directory.string()) + "\n");
  return ExitCode::done;
}

} // namespace savepoint::tools
