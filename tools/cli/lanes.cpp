#include "cli/lanes.hpp"

#include "cli/text.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace savepoint::cli {
namespace {

constexpr std::size_t k_most_lanes = 6;

/// What waits in each lane: the row that its line leads to, or nothing.
using Waiting = std::vector<std::optional<std::size_t>>;

/// What is drawn in a lane beside one row: where lines go from the middle.
struct Cell {
  bool up = false;
  bool down = false;
  bool left = false;
  bool right = false;
  bool is_node = false;
};

std::string_view letter_of(const Cell& cell, Node node, Lanes::Letters letters) {
  // By left, right, up, down.
  static constexpr std::array<std::string_view, 16> k_lines{" ", "╷", "╵", "│", "─", "╭", "╰", "├",
                                                            "─", "╮", "╯", "┤", "─", "┬", "┴", "┼"};
  static constexpr std::array<std::string_view, 16> k_ascii{" ", "|", "|", "|", "-", ".", "'", "+",
                                                            "-", ".", "'", "+", "-", ".", "'", "+"};
  const bool ascii = letters == Lanes::Letters::ascii;
  if (cell.is_node) {
    return node == Node::full ? (ascii ? "*" : "●") : (ascii ? "o" : "○");
  }
  const std::size_t shape =
      (cell.left ? 8U : 0U) + (cell.right ? 4U : 0U) + (cell.up ? 2U : 0U) + (cell.down ? 1U : 0U);
  return ascii ? k_ascii.at(shape) : k_lines.at(shape);
}

class Drawing {
public:
  explicit Drawing(Lanes::Letters letters) : letters_(letters) {}

  /// The lines above a row, as they pass a line of text.
  [[nodiscard]] std::string gap() const {
    std::string text;
    for (const auto& lane : waiting_) {
      text +=
          std::string(lane ? letter_of({.up = true, .down = true}, Node::full, letters_) : " ") +
          " ";
    }
    return text;
  }

  std::string row(std::size_t number, const GraphRow& row) {
    std::vector<Cell> cells(waiting_.size());
    for (std::size_t i = 0; i < waiting_.size(); ++i) {
      cells[i].up = waiting_[i].has_value();
    }
    std::vector<std::size_t> joined; // lanes that a line leads to from the node
    for (std::size_t i = 0; i < waiting_.size(); ++i) {
      if (waiting_[i] == number) {
        waiting_[i].reset();
        joined.push_back(i);
      }
    }
    const std::optional<std::size_t> lane = joined.empty() ? free_lane() : joined.front();
    const std::size_t column = lane.value_or(waiting_.size());
    for (std::size_t i = 0; i < row.parents.size() && lane; ++i) {
      if (const auto way =
              i == 0 ? take(column, row.parents[i]) : lead_to(row.parents[i], column)) {
        joined.push_back(*way);
      }
    }
    const std::size_t width = std::max(waiting_.size(), column + 1);
    cells.resize(std::max(cells.size(), width));
    for (std::size_t i = 0; i < waiting_.size(); ++i) {
      cells[i].down = waiting_[i].has_value();
    }
    cells[column].is_node = true;
    std::string text = text_of(cells, joined, column, row.node);
    while (!waiting_.empty() && !waiting_.back()) {
      waiting_.pop_back();
    }
    return text;
  }

private:
  std::optional<std::size_t> free_lane(std::size_t from = 0) {
    for (std::size_t i = from; i < waiting_.size(); ++i) {
      if (!waiting_[i]) {
        return i;
      }
    }
    if (waiting_.size() == k_most_lanes) {
      return std::nullopt;
    }
    waiting_.emplace_back();
    return waiting_.size() - 1;
  }

  std::optional<std::size_t> take(std::size_t lane, std::size_t parent) {
    waiting_[lane] = parent;
    return lane;
  }

  std::optional<std::size_t> lead_to(std::size_t parent, std::size_t column) {
    const auto found = std::find(waiting_.begin(), waiting_.end(), std::optional(parent));
    if (found != waiting_.end()) {
      return static_cast<std::size_t>(found - waiting_.begin());
    }
    const std::optional<std::size_t> lane = free_lane(column + 1);
    return lane ? take(*lane, parent) : std::nullopt;
  }

  [[nodiscard]] std::string text_of(std::vector<Cell>& cells,
                                    const std::vector<std::size_t>& joined, std::size_t column,
                                    Node node) const {
    const auto [first, last] = joined.empty()
                                   ? std::pair(column, column)
                                   : std::pair(std::min(column, std::ranges::min(joined)),
                                               std::max(column, std::ranges::max(joined)));
    std::string text;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      Cell& cell = cells[i];
      const bool is_joined = std::ranges::find(joined, i) != joined.end();
      const bool is_passed = cell.up && cell.down && !is_joined; // its line goes on below ours
      cell.left = i > first && i <= last && !is_passed;
      cell.right = i >= first && i < last && !is_passed;
      text += letter_of(cell, node, letters_);
      text += i >= first && i < last ? letter_of({.left = true, .right = true}, node, letters_)
                                     : std::string_view(" ");
    }
    return text;
  }

  Lanes::Letters letters_;
  Waiting waiting_;
};

} // namespace

Lanes::Lanes(const std::vector<GraphRow>& rows, Letters letters) {
  Drawing drawing(letters);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::string gap = drawing.gap(); // as it is before the row changes the lanes
    drawn_.push_back({.gap = gap, .row = drawing.row(i, rows[i])});
    width_ = std::max({width_, columns(gap), columns(drawn_.back().row)});
  }
  const auto fill = [&](std::string& text) { text.append(width_ - columns(text), ' '); };
  for (Drawn& drawn : drawn_) {
    fill(drawn.gap);
    fill(drawn.row);
  }
}

} // namespace savepoint::cli
