#include "cli/parser.hpp"
#include "cli/place.hpp"
#include "cli/text.hpp"
#include "manifest/commands.hpp"

#include "base/printable.hpp"
#include "project/select.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace savepoint::tools {
namespace {

using cli::Style;
using cli::Table;
using manifest::Summary;

constexpr std::size_t k_short_commit = 8;
constexpr std::size_t k_narrowest_note = 20;

struct Options {
  project::Filter filter;
};

Options parse(cli::Session& session, const Arguments& arguments) {
  Options options;
  std::optional<std::uint64_t> limit;
  cli::Parser parser(
      session.common,
      {.command = "savepoint list",
       .summary = "Lists snapshots, the newest first.",
       .usage = "[--branch B] [--commit REV|A..B] [--tag T] [--trigger T] [--limit N]",
       .exit_codes = {ExitCode::done, ExitCode::failed, ExitCode::usage, ExitCode::not_found,
                      ExitCode::busy, ExitCode::corrupt},
       .example = "savepoint list --branch main --limit 5"});
  parser.text("--branch", "B", options.filter.branch, "only those taken on branch B");
  parser.text("--commit", "REV|A..B", options.filter.commit,
              "only those taken at this commit, or at one of this range");
  parser.text("--tag", "T", options.filter.tag, "only those with this tag");
  parser.text("--trigger", "T", options.filter.trigger, "only those with this trigger");
  parser.number("--limit", "N", limit, "at most N");
  parser.parse(arguments);
  session.terminal.set_options(session.common);
  if (limit) {
    options.filter.limit = static_cast<std::size_t>(*limit);
  }
  return options;
}

std::string branch_and_commit(const Summary& summary) {
  std::string text = printable(summary.branch.value_or(summary.commit ? "(detached)" : ""));
  if (summary.commit) {
    text += "@" + summary.commit->substr(0, k_short_commit);
  }
  return text + (summary.dirty ? "+" : "");
}

std::string databases_of(const Summary& summary) {
  const auto databases =
      std::count_if(summary.components.begin(), summary.components.end(),
                    [](const auto& component) { return component.kind == "database"; });
  return databases == 0 ? "-" : std::to_string(databases);
}

/// Tags, pin, gaps and note: what people wrote, and what they should know.
std::string remarks(const Summary& summary) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : " ") + part; };
  if (summary.marks.pinned) {
    add("[pinned]");
  }
  if (!summary.complete) {
    add("[incomplete]");
  }
  for (const std::string& tag : summary.marks.tags) {
    add("#" + printable(tag));
  }
  if (!summary.marks.note.empty()) {
    add(printable(summary.marks.note.substr(0, summary.marks.note.find('\n'))));
  }
  return text;
}

std::string table_of(cli::Session& session, const std::vector<Summary>& snapshots) {
  using enum Table::Align;
  Table table({left, left, left, left, right, right, left});
  table.row({"SNAPSHOT", "TAKEN", "TRIGGER", "BRANCH@COMMIT", "DBS", "SIZE", "NOTE"});
  for (const Summary& summary : snapshots) {
    table.row({summary.id.text(), cli::age(summary.created_at, session.now()),
               printable(summary.trigger), branch_and_commit(summary), databases_of(summary),
               cli::human_size(summary.bytes), remarks(summary)});
  }
  const bool cut = session.terminal.stdout_is_terminal();
  std::string text;
  bool heading = true;
  for (const std::string& line : table.lines()) {
    const std::size_t width = std::max(session.terminal.width(), k_narrowest_note);
    const std::string shown = cut ? cli::shortened(line, width) : line;
    text += session.terminal.paint(heading ? Style::bold : Style::plain, shown) + "\n";
    heading = false;
  }
  return text;
}

void report(cli::Session& session, const std::vector<Summary>& snapshots) {
  if (session.common.json) {
    json::Value items = json::Value::array();
    for (const Summary& summary : snapshots) {
      items.push(manifest::to_json(summary));
    }
    json::Value document = cli::Session::new_document();
    document.set("snapshots", std::move(items));
    session.terminal.document(document);
    return;
  }
  for (const Summary& summary : snapshots) {
    session.terminal.id(summary.id.text());
  }
  session.terminal.say(snapshots.empty() ? "no snapshots\n" : table_of(session, snapshots));
}

} // namespace

ExitCode list(cli::Session& session, const Arguments& arguments) {
  const Options options = parse(session, arguments);
  std::vector<Summary> snapshots;
  if (std::optional<cli::Place> place = cli::open_place_if_any(session)) {
    snapshots =
        project::filter(std::move(place->snapshots), options.filter, place->project_or_null());
  }
  report(session, snapshots);
  return ExitCode::done;
}

} // namespace savepoint::tools
