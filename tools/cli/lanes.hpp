#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace savepoint::cli {

/// What is drawn for a row of a graph.
enum class Node { full, hollow };

/// A row of a graph, and the rows further down that a line leads to from it.
struct GraphRow {
  Node node = Node::full;
  std::vector<std::size_t> parents; ///< Each greater than the row's own number.
};

/// Draws a graph beside rows of text, one line a row: lines that go down in lanes, as beside
/// `git log --graph`. Lines for which there is no lane left are not drawn.
///
///   Lanes lanes(rows, Letters::lines);
///   for (…) { lanes.gap(row) + heading;  lanes.row(row) + text; }
class Lanes {
public:
  /// With which letters it is drawn.
  enum class Letters { lines, ascii };
  Lanes(const std::vector<GraphRow>& rows, Letters letters);

  /// The graph beside a row, `width()` columns.
  [[nodiscard]] const std::string& row(std::size_t number) const { return drawn_[number].row; }
  /// The same for a line of text above that row.
  [[nodiscard]] const std::string& gap(std::size_t number) const { return drawn_[number].gap; }
  [[nodiscard]] std::size_t width() const { return width_; }

private:
  struct Drawn {
    std::string gap;
    std::string row;
  };
  std::vector<Drawn> drawn_;
  std::size_t width_ = 0;
};

} // namespace savepoint::cli
