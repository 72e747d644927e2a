#include "web/commands.hpp"

#include "base/error.hpp"

#include "support/catch.hpp"

using namespace savepoint;
using web::Action;
using web::read_action;
using Words = std::vector<std::string>;

namespace {

const std::string k_id = "20261121-041500-ab12";

Action action(const std::string& text) {
  return read_action(json::parse(text, "the action"));
}

std::string of(const std::string& name, const std::string& more = "") {
  return R"({"action": ")" + name + R"(", "snapshot": ")" + k_id + "\"" + more + "}";
}

} // namespace

TEST_CASE("a snapshot is taken with what the page says of it") {
  const Action taken =
      action(R"({"action": "snapshot", "note": "--yes\n-m", "tags": ["a", "--pin"], "pin": true})");

  CHECK(taken.command.executable == "savepoint-snapshot");
  CHECK(taken.command.arguments ==
        Words{"--trigger=ui", "--note=--yes\n-m", "--tag=a", "--tag=--pin", "--pin", "--json"});
}

TEST_CASE("a text never becomes an option") {
  CHECK(action(of("note", R"(, "text": "--store=/tmp")")).command.arguments ==
        Words{"note", "--json", "--", k_id, "--store=/tmp"});
  CHECK(action(of("tag", R"(, "text": "-C")")).command.arguments ==
        Words{"tag", "--json", "--", k_id, "-C"});
}

TEST_CASE("a tag is taken away from the snapshot that has it") {
  CHECK(action(of("untag", R"(, "text": "--all")")).command.arguments ==
        Words{"tag", "--delete", "--json", "--", k_id, "--all"});
}

TEST_CASE("rows are compared of a table of any name, of two snapshots or one and now") {
  const std::string table =
      R"(, "database": "a b.db", "table": {"base64": "/w==", "printable": "\\xff"})";
  const std::string both = R"({"action": "rows", "before": ")" + k_id + R"(", "after": ")" + k_id;
  const std::string now = R"({"action": "rows", "before": ")" + k_id + R"(", "after": ")";

  CHECK(action(both + "\"" + table + "}").command.arguments ==
        Words{"diff", k_id, k_id, "--rows=a b.db:\xff", "--json"});
  CHECK(action(now + "\"" + table + "}").command.arguments ==
        Words{"diff", k_id, "--rows=a b.db:\xff", "--json"});
  CHECK_THROWS_AS(action(R"({"action": "rows", "before": "latest")" + table + "}"), UsageError);
  CHECK_THROWS_AS(action(now + "--help\"" + table + "}"), UsageError);
}

TEST_CASE("only a whole id means a snapshot") {
  for (const char* const wrong : {"latest", "ab12", "", "--yes", "20261121-041500-ab12/.."}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(action(R"({"action": "restore", "snapshot": ")" + std::string(wrong) + "\"}"),
                    UsageError);
    CHECK_THROWS_AS(action(R"({"action": "delete", "snapshot": ")" + std::string(wrong) + "\"}"),
                    UsageError);
  }
}

TEST_CASE("what takes something away shows first what it would do") {
  const Action plan = action(of("restore", R"(, "git": true, "plan": true)"));
  const Action done = action(of("restore", R"(, "git": true, "confirm": ["app prod"])"));

  CHECK(plan.is_plan);
  CHECK(plan.command.arguments == Words{k_id, "--git", "--json", "--dry-run"});
  CHECK_FALSE(done.is_plan);
  CHECK(done.plan == plan.command);
  CHECK(done.command.arguments == Words{k_id, "--git", "--json", "--yes", "--confirm=app prod"});
  CHECK(action(of("restore",
                  R"(, "confirm": [{"base64": "/w==", "printable": "\\xff"}], "shown_by": 7)"))
            .command.arguments.back() == "--confirm=\xff");
  CHECK(action(of("restore", R"(, "shown_by": 7)")).shown_by == 7);
  CHECK(action(of("delete")).command.arguments == Words{"--snapshot=" + k_id, "--json", "--yes"});
  CHECK(action(R"({"action": "undo"})").command.arguments == Words{"undo", "--json", "--yes"});
}

TEST_CASE("a recovery goes the way that was said") {
  CHECK(action(R"({"action": "recover", "direction": "rollback"})").command.arguments ==
        Words{"recover", "--rollback", "--json", "--yes"});
  CHECK_THROWS_AS(action(R"({"action": "recover", "direction": "yes"})"), UsageError);
}

TEST_CASE("what is no action is refused") {
  CHECK_THROWS_AS(action(R"({"action": "run"})"), UsageError);
  CHECK_THROWS_AS(action(R"({})"), UsageError);
  CHECK_THROWS_AS(action(R"({"action": "snapshot", "note": "a\u0000b"})"), UsageError);
  CHECK_THROWS_AS(action(R"({"action": "snapshot", "note": 3})"), Error);
}
