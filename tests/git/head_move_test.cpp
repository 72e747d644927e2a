#include "git/head_move.hpp"

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace savepoint;
using git::parse_head_move;

namespace {

const std::string k_from(40, 'a');
const std::string k_to(40, 'b');

std::string line(const std::string& message) {
  return k_from + " " + k_to + " A U Thor <a@example.org> 1700000000 +0100\t" + message;
}

} // namespace

TEST_CASE("a checkout says which branch was left") {
  const auto move = parse_head_move(line("checkout: moving from feature/a to main"));

  REQUIRE(move);
  CHECK(move->from == k_from);
  CHECK(move->to == k_to);
  CHECK(move->checkout_from() == "feature/a");
}

TEST_CASE("what is no checkout leaves no branch") {
  CHECK_FALSE(parse_head_move(line("commit: checkout: moving from a to b"))->checkout_from());
  CHECK_FALSE(parse_head_move(line("checkout: moving from a"))->checkout_from());
  CHECK_FALSE(parse_head_move(line(""))->checkout_from());
}

TEST_CASE("a line that is none of a reflog is nothing") {
  for (const char* text :
       {"", " ", "\t", "aaaa bbbb x\ty", "0 1", "checkout: moving from a to b"}) {
    CHECK_FALSE(parse_head_move(text));
  }
}

TEST_CASE("the last move of HEAD is read from the repository") {
  const test::TemporaryDirectory tree;
  test::shell(tree.path(),
              "git init -q -b main . && git config user.name T && git config user.email t@e && "
              "git commit -q --allow-empty -m one && git checkout -q -b side");

  const auto move = git::last_head_move(*git::Repository::discover(tree.path()));

  REQUIRE(move);
  CHECK(move->checkout_from() == "main");
  CHECK(move->from == move->to);
}

TEST_CASE("a repository in which nothing happened yet has no last move") {
  const test::TemporaryDirectory tree;
  test::shell(tree.path(), "git init -q .");

  CHECK_FALSE(git::last_head_move(*git::Repository::discover(tree.path())));
}
