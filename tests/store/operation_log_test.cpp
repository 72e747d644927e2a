#include "store/operation_log.hpp"

#include "store/internal/operation_line.hpp"
#include "store/store.hpp"
#include "support/catch.hpp"
#include "support/format_example.hpp"
#include "support/temporary_directory.hpp"

#include <chrono>
#include <string>

using namespace savepoint;
using namespace savepoint::store;
using namespace std::chrono_literals;
using test::TemporaryDirectory;

namespace {

const Timestamp k_moment = *parse_iso8601("2026-11-21T04:05:06.789Z");

Operation operation(std::string name, int exit_code = 0) {
  Operation one;
  one.at = k_moment;
  one.name = std::move(name);
  one.exit_code = exit_code;
  return one;
}

std::vector<std::string> names(const std::vector<Operation>& operations) {
  std::vector<std::string> found;
  for (const Operation& one : operations) {
    found.push_back(one.name);
  }
  return found;
}

using Names = std::vector<std::string>;

/// A store, and its log.
struct Place {
  TemporaryDirectory directory;
  std::filesystem::path root = directory / "store";
  OperationLog log{root};
  Place() { static_cast<void>(Store::open_or_create(root)); }
};

} // namespace

TEST_CASE("the line in the description of the format is read, and written the same") {
  const std::string line = test::format_text("log");

  const std::optional<Operation> read = parse_operation(line);

  REQUIRE(read);
  CHECK(read->at == k_moment);
  CHECK(read->name == "restore");
  CHECK(read->worktree == "/home/ann/shop");
  CHECK(read->safety == "20261121-040507-77f0");
  CHECK(read->changes == 3U);
  CHECK(read->exit_code == 7);
  CHECK(read->duration == 412ms);
  CHECK(print_operation(*read) == line);
}

TEST_CASE("operations are listed the newest first, and those that are wanted only") {
  const Place place;
  place.log.append(operation("snapshot"));
  place.log.append(operation("verify", 6));
  Operation foreign = operation("prune");
  foreign.project = "another";
  foreign.at = k_moment + 1h;
  place.log.append(foreign);

  CHECK(names(place.log.read()) == Names{"prune", "verify", "snapshot"});
  CHECK(names(place.log.read({.limit = 2})) == Names{"prune", "verify"});
  CHECK(names(place.log.read({.failed = true})) == Names{"verify"});
  CHECK(names(place.log.read({.since = k_moment + 1min})) == Names{"prune"});
  CHECK(names(place.log.read({.project = "this"})) == Names{"verify", "snapshot"});
  CHECK(names(place.log.read({.limit = 1, .name = "snapshot"})) == Names{"snapshot"});
}

TEST_CASE("a line that is damaged anywhere is passed over, and no other") {
  const Place place;
  const std::string line = print_operation(operation("snapshot"));

  for (std::size_t length = 0; length + 2 < line.size(); ++length) {
    CAPTURE(length);
    test::write_file(place.root / "log/savepoint.log",
                     print_operation(operation("before")) + line.substr(0, length));
    place.log.append(operation("after"));

    CHECK(names(place.log.read()) == Names{"after", "before"});
  }
}

TEST_CASE("lines of another version and such that make no sense are passed over") {
  const std::string line = print_operation(operation("snapshot"));
  const auto with = [&](const std::string& what, const std::string& instead) {
    std::string changed = line;
    return changed.replace(changed.find(what), what.size(), instead);
  };

  CHECK(parse_operation(line));
  CHECK_FALSE(parse_operation(with("\"version\":1", "\"version\":2")));
  CHECK_FALSE(parse_operation(with("2026-", "20260-")));
  CHECK_FALSE(parse_operation(with("\"exit_code\":0", "\"exit_code\":-1")));
  CHECK_FALSE(parse_operation(with("\"exit_code\":0", "\"exit_code\":256")));
  CHECK_FALSE(parse_operation("[]"));
  CHECK_FALSE(parse_operation(std::string(1U << 20U, '[')));
}

TEST_CASE("any bytes can stand in a path or a message, at any length") {
  Operation one = operation("snapshot", 1);
  one.worktree = std::string("/tmp/\xff\n\"\\") + std::string("\0x", 2);
  one.error = std::string(4095, 'a') + "ü" + std::string(100000, 'b');

  const std::string line = print_operation(one);

  CHECK(line.find('\n') == line.size() - 1);
  const std::optional<Operation> read = parse_operation(line);
  REQUIRE(read);
  CHECK(read->worktree == one.worktree);
  CHECK(read->error == std::string(4095, 'a') + "…");
}

TEST_CASE("nothing is logged where there is no store") {
  const TemporaryDirectory place;
  const OperationLog log(place / "none");

  log.append(operation("snapshot"));

  CHECK_FALSE(std::filesystem::exists(place / "none"));
  CHECK(log.read().empty());
}

TEST_CASE("the directory of the log is made where it is missing") {
  const Place place;
  std::filesystem::remove_all(place.root / "log");

  place.log.append(operation("snapshot"));

  CHECK(names(place.log.read()) == Names{"snapshot"});
}

TEST_CASE("a log that cannot be written is no error") {
  const Place place;
  std::filesystem::create_directories(place.root / "log/savepoint.log");

  place.log.append(operation("snapshot"));

  CHECK(place.log.read().empty());
}
