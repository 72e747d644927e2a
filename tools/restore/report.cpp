#include "restore/report.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "cli/documents.hpp"
#include "cli/snapshot_words.hpp"
#include "cli/text.hpp"
#include "json/value.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace savepoint::tools {
namespace {

using cli::Style;
using restore::PlannedChange;
using Versions = std::vector<restore::Plan::VersionDifference>;

Style style_of(PlannedChange::Action action) {
  switch (action) {
  case PlannedChange::Action::create:
    return Style::green;
  case PlannedChange::Action::remove:
    return Style::red;
  case PlannedChange::Action::replace:
    return Style::yellow;
  case PlannedChange::Action::metadata:
    return Style::dim;
  case PlannedChange::Action::database:
  case PlannedChange::Action::git:
    return Style::cyan;
  }
  bug("a planned change without an action");
}

std::string_view word_for(PlannedChange::Action action) {
  return action == PlannedChange::Action::metadata ? "mode, time" : restore::name_of(action);
}

bool has_bytes(PlannedChange::Action action) {
  return action != PlannedChange::Action::metadata && action != PlannedChange::Action::git;
}

constexpr std::size_t k_all = std::numeric_limits<std::size_t>::max();
const std::vector<restore::Plan::Guarded> k_none_guarded;
const std::vector<restore::GitChange> k_no_git;

/// What every document of this tool has.
struct Said {
  const SnapshotId& restored;
  const std::optional<SnapshotId>& safety;
  const std::vector<PlannedChange>& changes;
  const std::vector<std::string>& config_left;
  const Versions& versions;
  const std::vector<std::string>& missing;
  bool dry_run;
  const std::vector<restore::Plan::Guarded>& guarded = k_none_guarded;
  const std::vector<restore::GitChange>& git = k_no_git;
};

json::Value text_or_null(const std::optional<std::string>& text) {
  return text ? json::text_or_bytes(*text) : json::Value();
}

json::Value move_of(const restore::GitChange::Move& move) {
  return json::Value::object({{"branch", json::text_or_bytes(move.branch)},
                              {"from", text_or_null(move.from)},
                              {"to", text_or_null(move.to)}});
}

/// All that branches and HEAD leave behind in one repository.
std::vector<const restore::GitChange::Left*> left_of(const restore::GitChange& change) {
  std::vector<const restore::GitChange::Left*> all;
  for (const restore::GitChange::Move& move : change.moves) {
    all.push_back(&move.left);
  }
  all.push_back(&change.left_by_head);
  std::erase_if(all, [](const auto* left) { return left->since.empty(); });
  return all;
}

/// What --git does, member by member; `changes` has it in words.
json::Value git_of(const std::vector<restore::GitChange>& all) {
  json::Value items = json::Value::array();
  for (const restore::GitChange& change : all) {
    json::Value since = json::Value::array();
    json::Value kept_as;
    std::uint64_t since_count = 0;
    for (const restore::GitChange::Left* const left : left_of(change)) {
      for (const restore::GitChange::Commit& commit : left->since) {
        since.push(json::Value::object({{"commit", commit.id},
                                        {"subject", json::text_or_bytes(commit.subject)},
                                        {"kept_as", left->kept_as}}));
      }
      since_count += left->count;
      kept_as = kept_as.is_null() ? json::Value(left->kept_as) : kept_as;
    }
    const auto side = [](const std::optional<std::string>& branch,
                         const std::optional<std::string>& commit, const std::string& operation) {
      return json::Value::object({{"branch", text_or_null(branch)},
                                  {"commit", text_or_null(commit)},
                                  {"operation", operation}});
    };
    json::Value branches = json::Value::array();
    for (const restore::GitChange::Move& move : change.moves) {
      branches.push(move_of(move));
    }
    const restore::GitChange::Move* const of_head =
        change.branch_after ? change.move_of(*change.branch_after) : nullptr;
    json::Value files = json::Value::array();
    for (const restore::GitChange::File& file : change.files) {
      files.push(file.name);
    }
    items.push(json::Value::object(
        {{"path", json::text_or_bytes(change.path)},
         {"before", side(change.branch_before, change.commit_before, change.operation_before)},
         {"after", side(change.branch_after, change.commit_after, change.operation_after)},
         {"moves", of_head != nullptr ? move_of(*of_head) : json::Value()},
         {"branches", std::move(branches)},
         {"index", change.index_changes},
         {"files", std::move(files)},
         {"commits_since", since_count},
         {"since", std::move(since)},
         {"kept_as", std::move(kept_as)}}));
  }
  return items;
}

/// The commits that no branch has afterwards, for people.
std::string git_text(const std::vector<restore::GitChange>& all) {
  std::string text;
  for (const restore::GitChange& change : all) {
    for (const restore::GitChange::Left* const left : left_of(change)) {
      text += "commits made since, reachable as " + left->kept_as + ":\n";
      for (const restore::GitChange::Commit& commit : left->since) {
        text += "  " + commit.id.substr(0, 10) + " " + printable(commit.subject) + "\n";
      }
      if (left->count > left->since.size()) {
        text += "  and " + std::to_string(left->count - left->since.size()) + " more\n";
      }
    }
  }
  return text;
}

/// Where git stays, if the snapshot was taken elsewhere.
std::string git_left(const project::Project& project, const restore::Plan& plan,
                     const RestoreOptions& options) {
  const restore::Request& request = options.request;
  const std::optional<manifest::GitState>& then = plan.target().git;
  const bool is_about_code = options.command == RestoreOptions::Command::restore &&
                             request.only.code && options.paths.empty() &&
                             options.databases.empty();
  if (!is_about_code || request.git || !then || project.repository() == nullptr) {
    return {};
  }
  const git::Head now = project.repository()->head();
  return now.branch == then->branch && now.commit == then->commit
             ? ""
             : "git stays on " + cli::head_in_words(now.branch, now.commit) +
                   "; the snapshot was taken on " + cli::head_in_words(then->branch, then->commit) +
                   " (--git restores that, too)\n";
}

json::Value guarded_of(const std::vector<restore::Plan::Guarded>& all) {
  json::Value items = json::Value::array();
  for (const restore::Plan::Guarded& guarded : all) {
    const bool is_absolute = guarded.refusal == restore::Plan::Guarded::Refusal::always;
    items.push(json::Value::object({{"name", json::text_or_bytes(guarded.name)},
                                    {"where", json::text_or_bytes(guarded.where)},
                                    {"reason", json::text_or_bytes(guarded.reason)},
                                    {"refused", is_absolute ? "always" : "unless confirmed"}}));
  }
  return items;
}

/// Why it is this snapshot, where it was found by the history of git.
json::Value selected_of(const RestoreOptions& options) {
  if (!options.found) {
    return {};
  }
  const project::AtRevision& found = *options.found;
  return json::Value::object(
      {{"commit", found.commit.empty() ? json::Value() : json::Value(found.commit)},
       {"steps", found.steps},
       {"why", json::text_or_bytes(found.why)}});
}

json::Value document_of(const Said& said, const RestoreOptions& options) {
  json::Value changes = json::Value::array();
  for (const PlannedChange& change : said.changes) {
    changes.push(json::Value::object(
        {{"action", restore::name_of(change.action)},
         {"path", json::text_or_bytes(change.path)},
         {"bytes", change.bytes},
         {"into", change.into.empty() ? json::Value() : json::text_or_bytes(change.into)},
         {"compared", change.is_compared}}));
  }
  json::Value versions = json::Value::array();
  for (const auto& version : said.versions) {
    versions.push(json::Value::object({{"label", json::text_or_bytes(version.label)},
                                       {"then", json::text_or_bytes(version.then)},
                                       {"now", json::text_or_bytes(version.now)}}));
  }
  json::Value document = cli::Session::new_document();
  document.set("restored", said.restored.text());
  document.set("selected", selected_of(options));
  document.set("safety_snapshot", said.safety ? json::Value(said.safety->text()) : json::Value());
  document.set("changes", std::move(changes));
  document.set("config_left", cli::names_document(said.config_left));
  document.set("versions", std::move(versions));
  document.set("missing", cli::names_document(said.missing));
  document.set("guarded", guarded_of(said.guarded));
  document.set("git", git_of(said.git));
  document.set("dry_run", said.dry_run);
  return document;
}

/// What a restore does not do by itself and people may want to know.
std::string remarks(const std::vector<std::string>& config_left, const Versions& versions) {
  std::string text;
  if (!config_left.empty()) {
    text += "left as they are, since git ignores them (--with-config restores them):\n";
    for (const std::string& path : config_left) {
      text += "  " + printable(path) + "\n";
    }
  }
  for (const auto& version : versions) {
    text += "version of " + printable(version.label) + ": " + printable(version.then) +
            " in the snapshot, " + printable(version.now) + " today\n";
  }
  return text;
}

Said said_of(const restore::Plan& plan, bool dry_run) {
  static const std::optional<SnapshotId> no_safety;
  return {*plan.target().id, no_safety, plan.changes(), plan.config_left(), plan.versions(),
          plan.missing(),    dry_run,   plan.guarded(), plan.git_changes()};
}

/// Of a database on a server: which one.
std::string place_of(const PlannedChange& change) {
  if (change.action == PlannedChange::Action::git) {
    return " " + printable(change.into);
  }
  std::string text = change.into.empty() ? "" : " in " + printable(change.into);
  return change.is_compared ? text : text + " (may have changed since it was last saved)";
}

std::string guarded_text(const cli::Session& session, const restore::Plan& plan) {
  std::string text;
  for (const restore::Plan::Guarded& guarded : plan.guarded()) {
    text += session.terminal.paint(Style::red, printable(guarded.where)) + ": " +
            printable(guarded.reason) + "\n";
  }
  return text;
}

bool is_file(const PlannedChange& change) {
  return change.action != PlannedChange::Action::database &&
         change.action != PlannedChange::Action::git;
}

std::string changes_text(const cli::Session& session, const std::vector<PlannedChange>& changes,
                         std::size_t most_files = k_all) {
  using enum cli::Table::Align;
  cli::Table table({left, right, left});
  std::vector<cli::Style> styles;
  const auto files = static_cast<std::size_t>(std::ranges::count_if(changes, is_file));
  std::size_t shown = 0;
  for (const PlannedChange& change : changes) {
    // Where not all can be shown, it is those whose contents change.
    const bool is_dispensable =
        files > most_files && change.action == PlannedChange::Action::metadata;
    if (is_file(change) && (is_dispensable || shown++ >= most_files)) {
      continue;
    }
    styles.push_back(style_of(change.action));
    table.row({std::string(word_for(change.action)),
               has_bytes(change.action) ? cli::human_size(change.bytes) : "",
               printable(change.path) + place_of(change)});
  }
  std::string text;
  std::size_t at = 0;
  for (const std::string& line : table.lines(2)) {
    text += session.terminal.paint(styles[at++], line) + "\n";
  }
  shown = std::min(shown, most_files);
  if (files > shown) {
    text +=
        "  ... and " + cli::counted(files - shown, "more file") + ": --dry-run shows them all\n";
  }
  return text;
}

void name_missing(cli::Session& session, const std::vector<std::string>& missing) {
  for (const std::string& path : missing) {
    session.terminal.err("savepoint: not restored: " + quoted(path) + "\n");
  }
}

} // namespace

std::string plan_text(const cli::Session& session, const project::Project& project,
                      const restore::Plan& plan, const RestoreOptions& options,
                      std::size_t most_files) {
  return guarded_text(session, plan) + "restore " + plan.target().id->text() + ":\n" +
         changes_text(session, plan.changes(), most_files) + git_text(plan.git_changes()) +
         git_left(project, plan, options) + remarks(plan.config_left(), plan.versions());
}

void report_dry_run(cli::Session& session, const project::Project& project,
                    const restore::Plan& plan, const RestoreOptions& options) {
  session.progress().clear();
  session.terminal.document(document_of(said_of(plan, true), options));
  session.terminal.say(plan_text(session, project, plan, options, k_all) +
                       cli::counted(plan.changes().size(), "change") +
                       "; nothing was changed (dry run)\n");
  name_missing(session, plan.missing());
}

void report_preview(cli::Session& session, const restore::Restored& preview,
                    const RestoreOptions& options) {
  session.terminal.document(
      document_of({preview.snapshot, preview.safety, preview.changes, preview.config_left,
                   preview.versions, preview.missing, true},
                  options));
  session.terminal.say(
      "restore " + preview.snapshot.text() + " to " + quoted(options.to->string()) + ":\n" +
      changes_text(session, preview.changes) + cli::counted(preview.changes.size(), "change") +
      "; nothing was changed (dry run)\n");
  name_missing(session, preview.missing);
}

void report_nothing_to_do(cli::Session& session, const restore::Plan& plan,
                          const RestoreOptions& options) {
  session.progress().clear();
  session.terminal.document(document_of(said_of(plan, false), options));
  name_missing(session, plan.missing());
  session.terminal.say(std::string("nothing ") + (plan.missing().empty() ? "" : "else ") +
                       "to do: the project is as in " + plan.target().id->text() +
                       (plan.config_left().empty() ? "" : ", but for what is left") + "\n" +
                       remarks(plan.config_left(), plan.versions()));
}

void report_nothing_due(cli::Session& session) {
  json::Value document = cli::Session::new_document();
  document.set("restored", nullptr);
  document.set("safety_snapshot", nullptr);
  document.set("changes", json::Value::array());
  session.terminal.document(document);
  session.terminal.say("no recovery is due: no restore of this project was interrupted\n");
}

void report_restored(cli::Session& session, const restore::Restored& restored,
                     const RestoreOptions& options) {
  session.progress().clear();
  session.terminal.document(document_of({restored.snapshot, restored.safety, restored.changes,
                                         restored.config_left, restored.versions, restored.missing,
                                         options.dry_run, k_none_guarded, restored.git_changes},
                                        options));
  if (restored.safety) {
    session.terminal.id(restored.safety->text());
  }
  session.terminal.say(git_text(restored.git_changes) +
                       remarks(restored.config_left, restored.versions));
  name_missing(session, restored.missing);
  const bool was_elsewhere = !options.databases.empty();
  const bool can_be_undone =
      restored.safety && !was_elsewhere && options.direction != restore::Direction::back;
  const std::string what =
      "restored " + session.terminal.paint(Style::green, restored.snapshot.text());
  if (options.to) {
    session.terminal.say(what + " to " + quoted(options.to->string()) + "\n");
  } else {
    session.terminal.say(what + ": " + cli::counted(restored.changes.size(), "change") +
                         (can_be_undone ? " — to go back: savepoint undo\n" : "\n"));
    if (restored.before_recovery) {
      session.terminal.say("what was there before this recovery is in snapshot " +
                           restored.before_recovery->text() + "\n");
    }
    if (was_elsewhere && restored.safety) {
      session.terminal.say("what was there before is in snapshot " + restored.safety->text() +
                           " ('savepoint undo' does not go there)\n");
    }
  }
}

} // namespace savepoint::tools
