#include "cli/pager.hpp"
#include "cli/parser.hpp"
#include "cli/place.hpp"
#include "cli/snapshot_words.hpp"
#include "cli/text.hpp"
#include "manifest/commands.hpp"
#include "manifest/entries.hpp"
#include "manifest/format.hpp"
#include "manifest/timeline.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "project/select.hpp"

#include <optional>
#include <utility>

namespace savepoint::tools {
namespace {

using cli::Table;
using manifest::Summary;

struct Options {
  project::Filter filter;
  std::optional<std::string> format;
};

Options parse(cli::Session& session, const Arguments& arguments) {
  Options options;
  std::optional<std::uint64_t> limit;
  cli::Parser parser(
      session.common,
      {.command = "savepoint list",
       .summary =
           "Lists snapshots, the newest first: on a terminal beside a graph that tells which\n"
           "of the commits they were taken at come from which. A + behind a commit says that\n"
           "there was work in progress.",
       .usage = "[--branch B] [--commit REV|A..B] [--tag T] [--trigger T] [--limit N] "
                "[--format FORMAT]",
       .exit_codes = {ExitCode::done, ExitCode::failed, ExitCode::usage, ExitCode::not_found,
                      ExitCode::busy, ExitCode::corrupt},
       .example = "savepoint list --branch main --limit 5"});
  parser.text("--branch", "B", options.filter.branch, "only those taken on branch B");
  parser.text("--commit", "REV|A..B", options.filter.commit,
              "only those taken at this commit, or at one of this range");
  parser.text("--tag", "T", options.filter.tag, "only those with this tag");
  parser.text("--trigger", "T", options.filter.trigger, "only those with this trigger");
  parser.number("--limit", "N", limit, "at most N (0: all there are)");
  parser.text("--format", "FORMAT", options.format,
              "a line for each, such as '{id} {branch} {note}'");
  parser.parse(arguments);
  session.terminal.set_options(session.common);
  if (options.format) {
    static_cast<void>(Format(*options.format)); // a mistake in it is one, whatever there is
    if (session.common.json || session.common.quiet) {
      throw UsageError("cannot use --format together with --json or --quiet",
                       "each says for itself what is printed");
    }
  }
  if (limit.value_or(0) > 0) {
    options.filter.limit = static_cast<std::size_t>(*limit);
  }
  return options;
}

Table table_of(const std::vector<Entry>& entries, Timestamp now) {
  using enum Table::Align;
  Table table({left, left, left, left, right, right, left});
  table.row({"SNAPSHOT", "TAKEN", "TRIGGER", "BRANCH@COMMIT", "DBS", "SIZE", "NOTE"});
  for (const Entry& entry : entries) {
    const Summary& summary = *entry.summary;
    table.row({summary.id.text(), cli::age(summary.created_at, now), printable(summary.trigger),
               cli::branch_and_commit(summary), cli::databases_of(summary),
               cli::human_size(summary.bytes), cli::remarks(summary)});
  }
  return table;
}

json::Value document_of(const std::vector<Entry>& entries) {
  json::Value items = json::Value::array();
  for (const Entry& entry : entries) {
    json::Value item = manifest::to_json(*entry.summary);
    item.set("verified_at",
             entry.verified_at ? json::Value(to_iso8601(*entry.verified_at)) : json::Value());
    items.push(std::move(item));
  }
  json::Value document = cli::Session::new_document();
  document.set("snapshots", std::move(items));
  return document;
}

void report(cli::Session& session, const Options& options, const std::vector<Entry>& entries,
            const cli::Place* place) {
  if (session.common.json) {
    session.terminal.document(document_of(entries));
    return;
  }
  if (options.format) {
    const Format format(*options.format);
    for (const Entry& entry : entries) {
      session.terminal.out(format.line(entry, session.now()));
    }
    return;
  }
  for (const Entry& entry : entries) {
    session.terminal.id(entry.summary->id.text());
  }
  if (entries.empty()) {
    session.terminal.say("no snapshots\n");
    if (place == nullptr && !session.terminal.quiet()) {
      session.terminal.err("hint: " + cli::hint_for_first_snapshot(cli::open_project(session)) +
                           "\n");
    }
  } else if (!session.terminal.can_arrange()) {
    for (const std::string& line : table_of(entries, session.now()).lines()) {
      session.terminal.say(line + "\n");
    }
  } else {
    const project::Project* const project = place->project_or_null();
    session.progress().clear();
    cli::say_paged(session,
                   timeline(session.terminal, entries,
                            project == nullptr ? nullptr : project->repository(), session.now()),
                   project == nullptr ? place->store.root() : project->root());
  }
}

} // namespace

ExitCode list(cli::Session& session, const Arguments& arguments) {
  const Options options = parse(session, arguments);
  std::optional<cli::Place> place = cli::open_place_if_any(session);
  std::vector<Summary> shown;
  std::vector<Entry> entries;
  if (place) {
    const bool shows_short_ids =
        options.format || (!session.common.json && session.terminal.can_arrange());
    const ShortIds short_ids = shows_short_ids ? short_ids_of(place->snapshots) : ShortIds();
    shown = project::filter(std::move(place->snapshots), options.filter, place->project_or_null());
    entries = entries_of(shown, store::OperationLog(place->store.root()).read({.name = "verify"}),
                         short_ids);
  }
  report(session, options, entries, place ? &*place : nullptr);
  return ExitCode::done;
}

} // namespace savepoint::tools
