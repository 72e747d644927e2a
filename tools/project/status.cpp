#include "base/printable.hpp"
#include "cli/change_list.hpp"
#include "cli/parser.hpp"
#include "cli/place.hpp"
#include "cli/present.hpp"
#include "cli/text.hpp"
#include "project/commands.hpp"
#include "project/health.hpp"
#include "project/interrupted.hpp"
#include "project/select.hpp"

#include <algorithm>
#include <optional>
#include <utility>

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

/// The newest snapshot that somebody wanted, as `latest` means it.
const Summary* last_of(const std::vector<Summary>& snapshots) {
  const auto found = std::find_if(snapshots.begin(), snapshots.end(), [](const Summary& summary) {
    return !project::is_set_aside(summary);
  });
  return found == snapshots.end() ? nullptr : &*found;
}

/// All that status says.
struct Report {
  const project::Project* project = nullptr;
  std::filesystem::path store;
  std::uint64_t store_bytes = 0;
  std::size_t snapshots = 0;
  const Summary* last = nullptr;
  std::optional<cli::SinceThen> since;
  std::optional<project::Due> interrupted;
};

json::Value names_of(const std::vector<std::string>& names) {
  json::Value items = json::Value::array();
  for (const std::string& name : names) {
    items.push(json::text_or_bytes(name));
  }
  return items;
}

json::Value document_of(const Report& report) {
  json::Value document = cli::Session::new_document();
  json::Value project;
  if (report.project != nullptr) {
    const manifest::ProjectIdentity identity = report.project->identity();
    project = json::Value::object({{"id", identity.id},
                                   {"name", json::text_or_bytes(identity.name)},
                                   {"root", json::text_or_bytes(report.project->root().string())}});
  }
  document.set("project", std::move(project));
  document.set("store", json::Value::object({{"path", json::text_or_bytes(report.store.string())},
                                             {"bytes", report.store_bytes},
                                             {"snapshots", std::uint64_t{report.snapshots}}}));
  document.set("last", report.last == nullptr ? json::Value() : manifest::to_json(*report.last));
  document.set("recovery",
               report.interrupted
                   ? json::Value::object({{"target", report.interrupted->journal.target.text()},
                                          {"safety", report.interrupted->journal.safety.text()}})
                   : json::Value());
  document.set("changed",
               report.since ? json::Value(!report.since->difference.empty()) : json::Value());
  document.set("may_have_changed",
               names_of(report.since ? report.since->unread : std::vector<std::string>()));
  cli::add_changes(document, report.since ? report.since->difference : compare::Difference{});
  return document;
}

/// Databases of which only a dump would tell what is in them.
std::string unread_of(const Report& report) {
  std::string names;
  for (const std::string& name : report.since->unread) {
    names += (names.empty() ? "" : ", ") + printable(name);
  }
  return names.empty() ? names : "may have changed since: database " + names + "\n";
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
  if (report.last == nullptr) {
    text = "no snapshot yet — take one with: savepoint snapshot\n";
  } else {
    const Summary& last = *report.last;
    text = "last snapshot " + session.terminal.paint(Style::green, last.id.text()) + ", " +
           cli::age(last.created_at, session.now()) + ", " + printable(last.trigger) +
           (last.marks.note.empty() ? "" : ": " + printable(last.marks.note)) + "\n";
  }
  text += changes_of(session, report);
  text += "store " + printable(report.store.string()) + ": " +
          cli::counted(report.snapshots, "snapshot") + ", " + cli::human_size(report.store_bytes) +
          "\n";
  return text;
}

void report_place(cli::Session& session, cli::Place& place) {
  Report report{.project = place.project_or_null(),
                .store = place.store.root(),
                .store_bytes = place.store.size_in_bytes(),
                .snapshots = place.snapshots.size(),
                .last = last_of(place.snapshots),
                .since = std::nullopt,
                .interrupted = std::nullopt};
  if (place.project) {
    report.interrupted = project::find_due(*place.project, place.store.root());
  }
  if (report.last != nullptr && place.project) {
    report.since = cli::compare_with_present(
        *place.project, place.store, place.store.load(report.last->id), cli::Servers::only_asked);
  }
  session.progress().clear();
  session.terminal.document(document_of(report));
  if (report.last != nullptr) {
    session.terminal.id(report.last->id.text());
  }
  session.terminal.say(text_of(session, report));
}

void report_no_store(cli::Session& session) {
  const project::Project project = cli::open_project(session);
  Report report;
  report.project = &project;
  report.store = project.store_path();
  report.interrupted = project::find_due(project, report.store);
  session.terminal.document(document_of(report));
  session.terminal.say(text_of(session, report));
}

} // namespace

ExitCode status(cli::Session& session, const Arguments& arguments) {
  const Options options = parse(session, arguments);
  std::optional<cli::Place> place = cli::open_place_if_any(session);
  if (options.check) {
    return check_health(session, place);
  }
  if (place) {
    report_place(session, *place);
  } else {
    report_no_store(session);
  }
  return ExitCode::done;
}

} // namespace savepoint::tools
