#include "hooks/follow.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "cli/parser.hpp"
#include "cli/place.hpp"
#include "hooks/commands.hpp"
#include "hooks/followed.hpp"
#include "store/store.hpp"

#include <utility>

namespace savepoint::tools {
namespace {

std::string names_of(const hooks::Followed& followed) {
  std::string names;
  for (const restore::PlannedChange& change : followed.changes) {
    names += (names.empty() ? "" : ", ") + printable(change.path);
  }
  return names;
}

std::string plan_text(const hooks::Followed& followed) {
  const std::string entered = named(followed.entered);
  const std::string kept = "databases would be kept as those of " + named(followed.before) + "\n";
  if (!followed.target) {
    return kept + "nothing is kept of " + entered + ": they would stay as they are\n";
  }
  return kept +
         (followed.changes.empty()
              ? "they are as " + entered + " had them"
              : "put back as " + entered + " had them: " + names_of(followed)) +
         "\n";
}

std::string said_of(const hooks::Followed& followed, Timestamp now) {
  const std::string line = line_of(followed, now);
  return (line.empty() ? "databases belong to " + named(followed.entered) + " now" : line) + "\n";
}

} // namespace

ExitCode follow_branch(cli::Session& session, const Arguments& arguments) {
  cli::Parser parser(
      session.common,
      {.command = "savepoint hooks follow",
       .summary =
           "Has the databases follow the branch where a hook could not, or was not run: keeps "
           "them as those\nof the branch whose they are, and puts back those of the branch "
           "that is checked out.",
       .usage = "[--disconnect] [--dry-run]",
       .exit_codes = {ExitCode::done, ExitCode::failed, ExitCode::usage, ExitCode::refused,
                      ExitCode::not_found, ExitCode::busy},
       .example = "savepoint hooks follow"});
  hooks::FollowRequest request;
  parser.flag("--disconnect", request.disconnect, "end the sessions of others in a database");
  parser.flag("--dry-run", request.dry_run, "only say what would be done");
  parser.parse(arguments);
  session.terminal.set_options(session.common);

  const project::Project project = cli::open_project(session);
  store::Store store = store::Store::open_or_create(project.store_path(), &session.cancellation());
  if (!request.dry_run) {
    session.begin_operation("follow");
    cli::log_at(session, &project, store.root());
    session.begin_change();
  }
  const auto followed = hooks::follow(project, store, request);
  if (followed) {
    log_followed(session.operation.line(), *followed);
  }
  if (!followed || request.dry_run) {
    session.operation.forget();
  }
  session.progress().clear();
  json::Value document = cli::Session::new_document();
  document.set("dry_run", request.dry_run);
  document.set("follow", followed ? to_json(*followed) : json::Value());
  session.terminal.document(document);
  if (!followed) {
    session.terminal.say("databases are those of the branch that is checked out\n");
  } else if (request.dry_run) {
    session.terminal.say(plan_text(*followed));
  } else {
    session.terminal.say(said_of(*followed, session.now()));
  }
  return ExitCode::done;
}

} // namespace savepoint::tools
