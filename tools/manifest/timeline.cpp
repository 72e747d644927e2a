#include "manifest/timeline.hpp"

#include "base/printable.hpp"
#include "cli/lanes.hpp"
#include "cli/snapshot_words.hpp"
#include "cli/text.hpp"
#include "project/select.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace savepoint::tools {
namespace {

using cli::Style;
using cli::Terminal;
using namespace std::chrono_literals;

/// Columns make room for a note of so many letters (or of a quarter of a narrow terminal), the
/// least important ones first.
constexpr std::size_t k_room_for_note = 16;
constexpr std::size_t k_narrowest = 12;

/// The rows that were taken at a commit, the newest first.
using RowsAt = std::map<std::string, std::vector<std::size_t>>;

std::optional<std::size_t> first_below(const RowsAt& rows_at, const std::string& commit,
                                       std::size_t row) {
  const auto found = rows_at.find(commit);
  if (found == rows_at.end()) {
    return std::nullopt;
  }
  const auto below = std::ranges::upper_bound(found->second, row);
  return below == found->second.end() ? std::nullopt : std::optional(*below);
}

/// From a row to the next one of the same commit; without any, to those of the nearest commits it
/// comes from that were saved earlier.
std::vector<std::size_t> parents_of(std::size_t row, const std::string& commit,
                                    const RowsAt& rows_at, const git::Lineage& lineage) {
  if (const auto same = first_below(rows_at, commit, row)) {
    return {*same};
  }
  std::vector<std::size_t> parents;
  std::set<std::string> seen{commit};
  std::vector<std::string> next{commit};
  while (!next.empty()) {
    const std::string from = std::move(next.back());
    next.pop_back();
    const auto ways = lineage.find(from);
    for (const std::string& to :
         ways == lineage.end() ? std::vector<std::string>() : ways->second) {
      if (!seen.insert(to).second) {
        continue;
      }
      if (const auto below = first_below(rows_at, to, row)) {
        parents.push_back(*below);
      } else {
        next.push_back(to);
      }
    }
  }
  std::ranges::sort(parents);
  return parents;
}

std::vector<cli::GraphRow> graph_of(const std::vector<Entry>& entries,
                                    const git::Repository* repository) {
  RowsAt rows_at;
  std::vector<std::string> commits;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::string commit = entries[i].summary->commit.value_or("");
    rows_at[commit].push_back(i);
    commits.push_back(commit);
  }
  const git::Lineage lineage =
      repository == nullptr ? git::Lineage() : repository->lineage(commits);
  std::vector<cli::GraphRow> rows;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const bool is_aside = project::is_set_aside(*entries[i].summary);
    rows.push_back({.node = is_aside ? cli::Node::hollow : cli::Node::full,
                    .parents = parents_of(i, commits[i], rows_at, lineage)});
  }
  return rows;
}

/// The heading of the group that a snapshot belongs to.
std::string_view group_of(Timestamp then, Timestamp now) {
  const auto age = now - then;
  return age < 24h        ? "last 24 hours"
         : age < 24h * 7  ? "last 7 days"
         : age < 24h * 30 ? "last 30 days"
                          : "older";
}

/// A column of the timeline.
struct Column {
  std::string_view heading;
  Style style;
  std::size_t importance; ///< Those of the least give way first; 0: always shown.
  std::string (*text)(const Entry& entry, const Terminal& terminal, Timestamp now);
  cli::Table::Align align = cli::Table::Align::left;
  bool is_shortened = false; ///< To a quarter of the room.
};

std::string verified(const Entry& entry, const Terminal& terminal, Timestamp /*now*/) {
  return !entry.verified_at ? "" : terminal.is_utf8() ? "✓" : "v";
}

constexpr std::array k_columns{
    Column{"ID", Style::green, 0,
           [](const Entry& it, const Terminal&, Timestamp) { return it.short_id; }},
    Column{"", Style::green, 7, verified},
    Column{"TAKEN", Style::plain, 6,
           [](const Entry& it, const Terminal&, Timestamp now) {
             return cli::age(it.summary->created_at, now);
           }},
    Column{"BRANCH@COMMIT", Style::cyan, 5,
           [](const Entry& it, const Terminal&, Timestamp) {
             return cli::branch_and_commit(*it.summary);
           },
           cli::Table::Align::left, true},
    Column{
        "TRIGGER", Style::plain, 4,
        [](const Entry& it, const Terminal&, Timestamp) { return printable(it.summary->trigger); },
        cli::Table::Align::left, true},
    Column{
        "DBS", Style::plain, 2,
        [](const Entry& it, const Terminal&, Timestamp) { return cli::databases_of(*it.summary); },
        cli::Table::Align::right},
    Column{"SIZE", Style::plain, 3,
           [](const Entry& it, const Terminal&, Timestamp) {
             return cli::human_size(it.summary->bytes);
           },
           cli::Table::Align::right},
    Column{"ADDED", Style::dim, 1,
           [](const Entry& it, const Terminal&, Timestamp) {
             return "+" + cli::human_size(it.summary->bytes_added);
           },
           cli::Table::Align::right},
};
constexpr std::size_t k_between = 2;

/// What is shown of all columns, for a terminal of a width.
class Cells {
public:
  Cells(const Terminal& terminal, const std::vector<Entry>& entries, std::size_t room,
        Timestamp now)
      : terminal_(&terminal) {
    bool has_notes = false;
    for (const Entry& entry : entries) {
      std::array<std::string, k_columns.size()> cells;
      for (std::size_t i = 0; i < k_columns.size(); ++i) {
        const Column& column = k_columns.at(i);
        cells.at(i) = cli::shortened(column.text(entry, terminal, now),
                                     column.is_shortened ? std::max(room / 4, k_narrowest) : room);
      }
      notes_.push_back(cli::remarks(*entry.summary));
      has_notes = has_notes || !notes_.back().empty();
      cells_.push_back(std::move(cells));
    }
    choose(room, has_notes ? std::min(k_room_for_note, room / 4) : 0);
  }

  [[nodiscard]] std::string headings() const {
    std::array<std::string, k_columns.size()> cells;
    for (std::size_t i = 0; i < k_columns.size(); ++i) {
      cells.at(i) = k_columns.at(i).heading;
    }
    return terminal_->paint(Style::bold, without_end(line(cells, "NOTE", false)));
  }
  [[nodiscard]] std::string row(std::size_t number) const {
    return line(cells_[number], notes_[number], true);
  }

private:
  static std::string without_end(std::string text) {
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
  }

  void choose(std::size_t room, std::size_t for_note) {
    std::array<std::size_t, k_columns.size()> widths{};
    for (std::size_t i = 0; i < k_columns.size(); ++i) {
      widths.at(i) = cli::columns(k_columns.at(i).heading);
      bool is_empty = true;
      for (const auto& cells : cells_) {
        widths.at(i) = std::max(widths.at(i), cli::columns(cells.at(i)));
        is_empty = is_empty && (cells.at(i).empty() || cells.at(i) == "-");
      }
      widths.at(i) = is_empty ? 0 : widths.at(i);
    }
    const auto taken = [&] {
      std::size_t all = 0;
      for (const std::size_t width : widths) {
        all += width == 0 ? 0 : width + k_between;
      }
      return all;
    };
    for (std::size_t least = 1; least <= k_columns.size() && taken() + for_note > room; ++least) {
      for (std::size_t i = 0; i < k_columns.size(); ++i) {
        widths.at(i) = k_columns.at(i).importance == least ? 0 : widths.at(i);
      }
    }
    widths_ = widths;
    room_for_note_ = room > taken() ? room - taken() : 0;
  }

  [[nodiscard]] std::string line(const std::array<std::string, k_columns.size()>& cells,
                                 const std::string& note, bool with_styles) const {
    std::string text;
    for (std::size_t i = 0; i < k_columns.size(); ++i) {
      if (widths_.at(i) == 0) {
        continue;
      }
      const Column& column = k_columns.at(i);
      const std::string padding(widths_.at(i) - cli::columns(cells.at(i)), ' ');
      const std::string cell =
          terminal_->paint(with_styles ? column.style : Style::plain, cells.at(i));
      text += column.align == cli::Table::Align::right ? padding + cell : cell + padding;
      text += std::string(k_between, ' ');
    }
    return text + (room_for_note_ == 0 ? "" : cli::shortened(note, room_for_note_));
  }

  const Terminal* terminal_;
  std::vector<std::array<std::string, k_columns.size()>> cells_;
  std::vector<std::string> notes_;
  std::array<std::size_t, k_columns.size()> widths_{};
  std::size_t room_for_note_ = 0;
};

} // namespace

std::string timeline(const Terminal& terminal, const std::vector<Entry>& entries,
                     const git::Repository* repository, Timestamp now) {
  const cli::Lanes lanes(graph_of(entries, repository), terminal.is_utf8()
                                                            ? cli::Lanes::Letters::lines
                                                            : cli::Lanes::Letters::ascii);
  const std::size_t room = terminal.width() > lanes.width() ? terminal.width() - lanes.width() : 1;
  const Cells cells(terminal, entries, room, now);
  const bool is_grouped = group_of(entries.front().summary->created_at, now) !=
                          group_of(entries.back().summary->created_at, now);
  std::string text = std::string(lanes.width(), ' ') + cells.headings() + "\n";
  std::string_view group;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::string_view own = group_of(entries[i].summary->created_at, now);
    if (is_grouped && own != group) {
      text += lanes.gap(i) + terminal.paint(Style::dim, own) + "\n";
    }
    group = own;
    std::string line = lanes.row(i) + cells.row(i);
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

} // namespace savepoint::tools
