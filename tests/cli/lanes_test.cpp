#include "cli/lanes.hpp"

#include "support/catch.hpp"

#include <string>
#include <vector>

using savepoint::cli::GraphRow;
using savepoint::cli::Lanes;
using savepoint::cli::Node;

namespace {

std::string drawn(const std::vector<GraphRow>& rows,
                  Lanes::Letters letters = Lanes::Letters::lines) {
  const Lanes lanes(rows, letters);
  std::string text;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::string line = lanes.row(i);
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

GraphRow row(std::vector<std::size_t> parents, Node node = Node::full) {
  return {.node = node, .parents = std::move(parents)};
}

} // namespace

TEST_CASE("one line of work is one lane") {
  CHECK(drawn({row({1}), row({2}, Node::hollow), row({})}) == "●\n○\n●\n");
}

TEST_CASE("a branch has a lane of its own, from where it began to where it was merged") {
  CHECK(drawn({row({1, 2}), row({3}), row({3}), row({})}) == "●─╮\n"
                                                             "● │\n"
                                                             "│ ●\n"
                                                             "●─╯\n");
}

TEST_CASE("lines that lead to the same row run side by side until it comes") {
  CHECK(drawn({row({3}), row({3}), row({3}), row({})}) == "●\n"
                                                          "│ ●\n"
                                                          "│ │ ●\n"
                                                          "●─┴─╯\n");
}

TEST_CASE("a line that is crossed goes on, and one that is joined is not opened twice") {
  CHECK(drawn({row({4}), row({3}), row({4, 3}), row({4}), row({})}) == "●\n"
                                                                       "│ ●\n"
                                                                       "│ ├─●\n"
                                                                       "│ ● │\n"
                                                                       "●─┴─╯\n");
  CHECK(drawn({row({2}), row({3}), row({3, 4}), row({}), row({})}) == "●\n"
                                                                      "│ ●\n"
                                                                      "●─│─╮\n"
                                                                      "●─╯ │\n"
                                                                      "    ●\n");
}

TEST_CASE("the graph is drawn with the letters of every keyboard where there are no others") {
  CHECK(drawn({row({1, 2}), row({3}), row({3}, Node::hollow), row({})}, Lanes::Letters::ascii) ==
        "*-.\n"
        "* |\n"
        "| o\n"
        "*-'\n");
}

TEST_CASE("every row is as wide as the graph, and a heading lets the lines pass") {
  const Lanes lanes({row({2}), row({2}), row({})}, Lanes::Letters::ascii);
  CHECK(lanes.width() == 4);
  CHECK(lanes.row(0) == "*   ");
  CHECK(lanes.gap(0) == "    ");
  CHECK(lanes.gap(1) == "|   ");
  CHECK(lanes.gap(2) == "| | ");
}

TEST_CASE("there are never so many lanes that no room is left for words") {
  std::vector<GraphRow> rows;
  for (std::size_t i = 0; i < 50; ++i) {
    rows.push_back(row({50 + i}));
  }
  for (std::size_t i = 0; i < 50; ++i) {
    rows.push_back(row({}));
  }
  CHECK(Lanes(rows, Lanes::Letters::ascii).width() <= 16);
}
