#include "cli/change_list.hpp"
#include "cli/parser.hpp"
#include "cli/place.hpp"
#include "cli/present.hpp"
#include "manifest/commands.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "compare/compare.hpp"

#include <optional>
#include <utility>

namespace savepoint::tools {
namespace {

struct Options {
  std::string before;
  std::optional<std::string> after;
};

Options parse(cli::Session& session, const Arguments& arguments) {
  Options options;
  cli::Parser parser(session.common,
                     {.command = "savepoint diff",
                      .summary = "Shows what differs from snapshot A to snapshot B, or to the "
                                 "project as it is now:\nfiles, databases with their tables and "
                                 "rows, and configuration files with their keys.",
                      .usage = "A [B]",
                      .exit_codes = {ExitCode::done, ExitCode::failed, ExitCode::usage,
                                     ExitCode::not_found, ExitCode::busy, ExitCode::corrupt},
                      .example = "savepoint diff latest\nsavepoint diff latest~2 latest"});
  parser.required("A", options.before, "the older side: a snapshot");
  parser.optional("B", options.after, "the newer side; without it, the project as it is now");
  parser.parse(arguments);
  session.terminal.set_options(session.common);
  return options;
}

compare::Difference since_then(cli::Session& session, cli::Place& place,
                               const manifest::Manifest& before) {
  if (!place.project) {
    throw NotFoundError("there is no project here to compare with",
                        "name two snapshots, or the project's directory with -C");
  }
  cli::SinceThen since =
      cli::compare_with_present(*place.project, place.store, before, cli::Servers::read);
  for (const manifest::LeftOut& left_out : since.left_out) {
    if (left_out.is_error) {
      session.progress().clear();
      session.terminal.err("savepoint: not compared: " + quoted(left_out.path) + ": " +
                           printable(left_out.reason) + "\n");
    }
  }
  return std::move(since.difference);
}

} // namespace

ExitCode diff(cli::Session& session, const Arguments& arguments) {
  const Options options = parse(session, arguments);
  cli::Place place = cli::open_place(session);
  const manifest::Summary before = place.select(options.before);
  std::optional<manifest::Summary> after;
  if (options.after) {
    after = place.select(*options.after);
  }
  const manifest::Manifest old_side = place.store.load(before.id);
  const compare::Difference difference =
      after ? compare::compare(place.store, old_side, place.store.load(after->id))
            : since_then(session, place, old_side);

  json::Value document = cli::Session::new_document();
  document.set("before", before.id.text());
  document.set("after", after ? json::Value(after->id.text()) : json::Value());
  cli::add_changes(document, difference);
  session.terminal.document(document);
  session.terminal.say(difference.empty() ? "no differences\n"
                                          : cli::changes_text(session.terminal, difference));
  return ExitCode::done;
}

} // namespace savepoint::tools
