#include "base/printable.hpp"
#include "cli/change_list.hpp"
#include "cli/parser.hpp"
#include "cli/place.hpp"
#include "cli/text.hpp"
#include "project/commands.hpp"
#include "project/health.hpp"
#include "project/report.hpp"

#include <optional>
#include <string>

namespace savepoint::tools {
namespace {

using cli::Style;
using manifest::Summary;

constexpr std::size_t k_most_shown = 10;

struct Options {
  bool check = false;
};

Options parse(cli::Session& session, const Arguments& arguments) {
  Options options;
  cli::Parser parser(session.common,
                     {.command = "savepoint status",
                      .summary = "Says when the last snapshot was taken, what changed since, and "
                                 "where the store is.\nWith --check: one line, and exit code 1 if "
                                 "somebody should see to something: no snapshot of\nthe last 7 "
                                 "days, the last one failed, damage found, no room left, a "
                                 "recovery due, hooks gone.",
                      .usage = "[--check]",
                      .exit_codes = {ExitCode::done, ExitCode::failed, ExitCode::usage,
                                     ExitCode::not_found, ExitCode::busy, ExitCode::corrupt},
                      .example = "savepoint status --check || savepoint snapshot"});
  parser.flag("--check", options.check, "only say whether all is well, for cron and monitoring");
  parser.parse(arguments);
  session.terminal.set_options(session.common);
  return options;
}

std::string changes_of(const cli::Session& session, const Report& report) {
  if (!report.since) {
    return {};
  }
  const compare::Difference& difference = report.since->difference;
  if (difference.empty()) {
    return (report.since->unread.empty() ? "nothing changed since\n" : "") + unread_of(report);
  }
  return unread_of(report) + "changed since: " + cli::changes_in_words(difference) + "\n" +
         cli::changes_text(session.terminal, difference, k_most_shown);
}

std::string text_of(const cli::Session& session, const Report& report) {
  std::string text;
  if (!report.last) {
    text = "no snapshot yet — take one with: savepoint snapshot\n";
  } else {
    const Summary& last = *report.last;
    text = "last snapshot " + session.terminal.paint(Style::green, last.id.text()) + ", " +
           cli::age(last.created_at, session.now()) + ", " + printable(last.trigger) +
           (last.complete ? "" : " [incomplete]") +
           (last.marks.note.empty() ? "" : ": " + printable(last.marks.note)) + "\n";
  }
  text += changes_of(session, report);
  text += "store " + printable(report.store.string()) + ": " +
          cli::counted(report.snapshots, "snapshot") + ", " + cli::human_size(report.store_bytes) +
          "\n";
  return text;
}

void say(cli::Session& session, const Report& report) {
  session.progress().clear();
  session.terminal.document(document_of(report));
  if (report.last) {
    session.terminal.id(report.last->id.text());
  }
  session.terminal.say(text_of(session, report));
}

} // namespace

ExitCode status(cli::Session& session, const Arguments& arguments) {
  const Options options = parse(session, arguments);
  std::optional<cli::Place> place = cli::open_place_if_any(session);
  if (options.check) {
    return check_health(session, place);
  }
  if (!place) {
    const project::Project project = cli::open_project(session);
    say(session, report_without_store(project));
    return ExitCode::done;
  }
  Report report = report_of(*place);
  add_changes_since(report, *place);
  say(session, report);
  return ExitCode::done;
}

} // namespace savepoint::tools
