#include "cli/documents.hpp"
#include "cli/pager.hpp"
#include "cli/parser.hpp"
#include "cli/place.hpp"
#include "cli/text.hpp"
#include "config/config.hpp"
#include "manifest/commands.hpp"

#include "base/printable.hpp"
#include "store/operation_log.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace savepoint::tools {
namespace {

using cli::Style;
using cli::Table;
using store::Operation;
using store::OperationFilter;

constexpr std::uint64_t k_usual_limit = 50;
constexpr std::size_t k_narrowest = 20;

struct Options {
  OperationFilter filter;
  bool of_all_projects = false;
};

Options parse(cli::Session& session, const Arguments& arguments) {
  Options options;
  std::optional<std::uint64_t> limit;
  std::optional<std::string> since;
  cli::Parser parser(
      session.common,
      {.command = "savepoint log",
       .summary = "Lists what was done with the snapshots of this project, or tried: what started "
                  "it, how it ended,\nhow long it took. The newest first.",
       .usage = "[--failed] [--since DURATION] [--limit N] [--all]",
       .exit_codes = {ExitCode::done, ExitCode::failed, ExitCode::usage, ExitCode::not_found},
       .example = "savepoint log --failed --since 7d"});
  parser.flag("--failed", options.filter.failed, "only what did not end with exit code 0");
  parser.text("--since", "DURATION", since,
              "only what began so long ago or later, such as 12h or 7d");
  parser.number("--limit", "N", limit, "at most N (default: 50; 0: all there are)");
  parser.flag("--all", options.of_all_projects, "of all projects that share the store");
  parser.parse(arguments);
  session.terminal.set_options(session.common);
  if (since) {
    options.filter.since = session.now() - config::parse_duration(*since, "--since");
  }
  if (limit.value_or(k_usual_limit) > 0) {
    options.filter.limit = static_cast<std::size_t>(limit.value_or(k_usual_limit));
  }
  return options;
}

/// What it was about, and what came of it.
std::string details_of(const Operation& operation) {
  std::string text = operation.snapshot;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : " ") + part; };
  if (operation.bytes_added) {
    add("+" + cli::human_size(*operation.bytes_added));
  }
  if (operation.changes) {
    add(cli::counted(*operation.changes, "change"));
  }
  if (operation.removed) {
    add(cli::counted(*operation.removed, "snapshot") + " removed, " +
        cli::human_size(operation.bytes_freed.value_or(0)) + " freed");
  }
  if (!operation.safety.empty()) {
    add("(before: " + operation.safety + ")");
  }
  if (!operation.error.empty()) {
    add(printable(operation.error));
  }
  return text;
}

/// A column of the table. Those of the least importance give way first; 0: always shown.
struct Column {
  std::string_view heading;
  std::size_t importance;
  std::string (*cell)(const Operation& operation, Timestamp now);
  Table::Align align = Table::Align::left;
};

constexpr std::array k_columns{
    Column{"BEGAN", 0, [](const Operation& it, Timestamp now) { return cli::age(it.at, now); }},
    Column{"OPERATION", 0, [](const Operation& it, Timestamp) { return printable(it.name); }},
    Column{"TRIGGER", 2,
           [](const Operation& it, Timestamp) {
             return it.trigger.empty() ? std::string("-") : printable(it.trigger);
           }},
    Column{"RESULT", 3,
           [](const Operation& it, Timestamp) {
             return it.has_failed() ? "exit code " + std::to_string(it.exit_code)
                                    : std::string("ok");
           }},
    Column{"TOOK", 1,
           [](const Operation& it, Timestamp) { return cli::human_duration(it.duration); },
           Table::Align::right},
};
constexpr std::string_view k_last_heading = "WHAT";
constexpr std::size_t k_room_for_details = 20; // a snapshot's id

/// The table without the columns of that importance and less.
std::vector<std::string> lines_of(const std::vector<Operation>& operations, std::size_t least,
                                  Timestamp now) {
  std::vector<Table::Align> aligns;
  std::vector<std::string> headings;
  std::vector<const Column*> columns;
  for (const Column& column : k_columns) {
    if (column.importance == 0 || column.importance > least) {
      aligns.push_back(column.align);
      headings.emplace_back(column.heading);
      columns.push_back(&column);
    }
  }
  aligns.push_back(Table::Align::left);
  headings.emplace_back(k_last_heading);
  Table table(std::move(aligns));
  table.row(std::move(headings));
  for (const Operation& operation : operations) {
    std::vector<std::string> cells;
    for (const Column* const column : columns) {
      cells.push_back(column->cell(operation, now));
    }
    cells.push_back(details_of(operation));
    table.row(std::move(cells));
  }
  return table.lines();
}

std::string table_of(cli::Session& session, const std::vector<Operation>& operations) {
  const bool cut = session.terminal.can_arrange();
  const std::size_t width = std::max(session.terminal.width(), k_narrowest);
  std::vector<std::string> lines = lines_of(operations, 0, session.now());
  for (std::size_t least = 1;
       cut && least < k_columns.size() &&
       cli::columns(lines.front()) - k_last_heading.size() + k_room_for_details > width;
       ++least) {
    lines = lines_of(operations, least, session.now());
  }
  std::string text;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const Style style = i == 0                           ? Style::bold
                        : operations[i - 1].has_failed() ? Style::red
                                                         : Style::plain;
    text += session.terminal.paint(style, cut ? cli::shortened(lines[i], width) : lines[i]) + "\n";
  }
  return text;
}

void report(cli::Session& session, const std::vector<Operation>& operations) {
  json::Value items = json::Value::array();
  for (const Operation& operation : operations) {
    items.push(cli::operation_document(operation));
    if (!operation.snapshot.empty()) {
      session.terminal.id(operation.snapshot);
    }
  }
  json::Value document = cli::Session::new_document();
  document.set("operations", std::move(items));
  session.terminal.document(document);
  cli::say_paged(session, operations.empty() ? "no operations\n" : table_of(session, operations),
                 session.common.directory);
}

} // namespace

ExitCode log(cli::Session& session, const Arguments& arguments) {
  Options options = parse(session, arguments);
  const cli::LogPlace place = cli::find_log(session);
  if (!options.of_all_projects) {
    options.filter.project = place.project;
  }
  report(session, place.log.read(options.filter));
  return ExitCode::done;
}

} // namespace savepoint::tools
