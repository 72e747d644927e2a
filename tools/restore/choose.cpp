#include "restore/choose.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "cli/change_list.hpp"
#include "cli/picker.hpp"
#include "cli/present.hpp"
#include "cli/snapshot_words.hpp"
#include "cli/text.hpp"
#include "compare/compare.hpp"
#include "project/interrupted.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace savepoint::tools {
namespace {

using manifest::Summary;

std::vector<cli::Choice> choices_of(const cli::Session& session, const cli::Place& place) {
  using enum cli::Table::Align;
  const std::vector<std::string> ids = cli::short_ids(place.snapshots);
  cli::Table table({left, left, left, left, left});
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const Summary& summary = place.snapshots[i];
    table.row({ids[i], cli::age(summary.created_at, session.now()),
               cli::shortened(cli::branch_and_commit(summary), 32),
               cli::shortened(printable(summary.trigger), 24), cli::remarks(summary)});
  }
  const std::vector<std::string> lines = table.lines();
  std::vector<cli::Choice> choices;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const Summary& summary = place.snapshots[i];
    choices.push_back({.line = lines[i],
                       .words = summary.id.text() + " " + cli::branch_and_commit(summary) + " " +
                                printable(summary.trigger) + " " + cli::remarks(summary)});
  }
  return choices;
}

std::string_view word_for(store::ChangeKind kind) {
  switch (kind) {
  case store::ChangeKind::added:
    return "back      ";
  case store::ChangeKind::removed:
    return "removed   ";
  case store::ChangeKind::modified:
    return "as it was ";
  case store::ChangeKind::metadata:
    return "mode, time";
  }
  bug("a change of no kind");
}

/// What a restore would change, looked at only if somebody waits for it.
class Previews {
public:
  Previews(cli::Session& session, cli::Place& place) : session_(&session), place_(&place) {}

  [[nodiscard]] std::vector<std::string> lines(const Summary& summary, std::size_t most) {
    std::vector<std::string> lines{summary.id.text() + "  " + cli::human_time(summary.created_at) +
                                   "  " + cli::human_size(summary.bytes)};
    if (!summary.marks.note.empty()) {
      lines.push_back(printable(summary.marks.note));
    }
    if (!place_->project) {
      return lines;
    }
    try {
      add_changes(lines, difference_to(summary), most);
    } catch (const CorruptionError& error) { // it can still be restored with --partial
      lines.emplace_back(error.what());
    }
    return lines;
  }

private:
  compare::Difference difference_to(const Summary& summary) {
    if (!present_) {
      present_ = cli::look_at_present(*place_->project, place_->store, cli::Servers::only_asked);
      session_->progress().clear();
    }
    return compare::compare(present_->batch->source(), present_->manifest,
                            place_->store.load(summary.id));
  }

  static void add_changes(std::vector<std::string>& lines, const compare::Difference& difference,
                          std::size_t most) {
    if (difference.empty()) {
      lines.emplace_back("nothing would change");
      return;
    }
    lines.push_back("would change: " + cli::changes_in_words(difference));
    for (const auto& database : difference.databases) {
      lines.push_back("  database   " + printable(database.name));
    }
    std::size_t shown = 0;
    for (const auto& file : difference.files) {
      if (lines.size() + 1 >= most && shown + 1 < difference.files.size()) {
        lines.push_back((shown == 0 ? "  " : "  and ") +
                        cli::counted(difference.files.size() - shown, "file") +
                        (shown == 0 ? "" : " more"));
        return;
      }
      ++shown;
      lines.push_back("  " + std::string(word_for(file.kind)) + " " + printable(file.path));
    }
  }

  cli::Session* session_;
  cli::Place* place_;
  std::optional<cli::Present> present_;
};

} // namespace

SnapshotId choose_snapshot(cli::Session& session, cli::Place& place) {
  if (place.snapshots.empty()) {
    throw NotFoundError("there are no snapshots of this project yet",
                        "take one with: savepoint snapshot");
  }
  if (const auto due =
          place.project ? project::find_due(*place.project, place.store.root()) : std::nullopt) {
    project::refuse_while_due(due->journal);
  }
  Previews previews(session, place);
  const std::optional<std::size_t> chosen =
      cli::pick(session, "restore which snapshot?", choices_of(session, place),
                [&](std::size_t choice, std::size_t lines) {
                  return previews.lines(place.snapshots[choice], lines);
                });
  if (!chosen) {
    throw RefusedError("no snapshot was chosen",
                       "run the same command again, or name one, as in 'savepoint restore latest'");
  }
  return place.snapshots[*chosen].id;
}

} // namespace savepoint::tools
