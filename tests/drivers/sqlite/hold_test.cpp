#include "support/catch.hpp"
#include "workbench.hpp"

#include <filesystem>

using savepoint::Error;
using savepoint::database::MovedError;
using savepoint::test::Image;
using savepoint::test::read_file;
using savepoint::test::shell;
using savepoint::test::Workbench;
using savepoint::test::write_file;

namespace {

constexpr const char* k_insert = "INSERT INTO t VALUES (2)";

/// Whether another program can commit. No child of ours: it would know of our locks.
bool can_commit(const Workbench& bench) {
  return shell(bench.root(), std::string("sqlite3 app.db '") + k_insert +
                                 "' 2>/dev/null && echo yes || true") == "yes\n";
}

/// A database of one row, and the image of it; then one more row.
Image make_database(const Workbench& bench, const std::string& journal) {
  bench.run("PRAGMA journal_mode=" + journal + "; CREATE TABLE t(a); INSERT INTO t VALUES (1)");
  Image image = bench.capture();
  bench.run(k_insert);
  return image;
}

std::uint64_t rows(savepoint::database::Capture& capture) {
  savepoint::Bytes bytes(65536);
  while (capture.read(bytes) > 0) {
  }
  return capture.describe().tables.at(0).rows;
}

} // namespace

TEST_CASE("nobody can commit to a database that is held, and what is captured is what goes") {
  const auto journal = GENERATE(as<std::string>(), "WAL", "DELETE");
  CAPTURE(journal);
  const Workbench bench;
  const Image image = make_database(bench, journal);
  const auto restoration = bench.stage(image);

  const auto held = restoration->hold();
  REQUIRE(held != nullptr);
  CHECK_FALSE(can_commit(bench));
  CHECK(bench.ask("SELECT count(*) FROM t") == 2);
  CHECK(rows(*held) == 2);
  restoration->swap();

  CHECK(bench.ask("SELECT count(*) FROM t") == 1);
  CHECK(can_commit(bench));
  restoration->close();
}

TEST_CASE("a database that was held and not swapped is as it was") {
  const auto journal = GENERATE(as<std::string>(), "WAL", "DELETE");
  CAPTURE(journal);
  const Workbench bench;
  const Image image = make_database(bench, journal);
  {
    const auto restoration = bench.stage(image);
    (void)restoration->hold();
  }

  CHECK(can_commit(bench));
  CHECK(bench.ask("SELECT count(*) FROM t") == 3);
  CHECK(bench.names() == "app.db ");
}

TEST_CASE("what was committed in spite of a hold is not overwritten") {
  const Workbench bench;
  const Image image = make_database(bench, "DELETE");
  const auto restoration = bench.stage(image);
  const auto held = restoration->hold();
  (void)read_file(bench.file()); // ends the locks that this process has on the file
  REQUIRE(can_commit(bench));

  CHECK_THROWS_AS(restoration->swap(), MovedError);
  CHECK(bench.ask("SELECT count(*) FROM t") == 3);

  (void)restoration->hold();
  restoration->swap();
  CHECK(bench.ask("SELECT count(*) FROM t") == 1);
}

TEST_CASE("a database that another one took the place of is not overwritten") {
  const Workbench bench;
  const Image image = make_database(bench, "DELETE");
  const auto restoration = bench.stage(image);
  const auto held = restoration->hold();
  std::filesystem::copy(bench.file(), bench.file("-copy"));
  std::filesystem::rename(bench.file("-copy"), bench.file());

  CHECK_THROWS_AS(restoration->swap(), MovedError);

  CHECK(bench.ask("SELECT count(*) FROM t") == 2);
}

TEST_CASE("a file that appears where none was held is not overwritten") {
  const Workbench bench;
  const Image image = make_database(bench, "DELETE");
  const std::string before = GENERATE("", "not a database");
  CAPTURE(before);
  std::filesystem::remove(bench.file());
  if (!before.empty()) {
    write_file(bench.file(), before);
  }
  const auto restoration = bench.stage(image);
  CHECK(restoration->hold() == nullptr);
  write_file(bench.file(), "somebody's own");

  CHECK_THROWS_AS(restoration->swap(), MovedError);

  CHECK(read_file(bench.file()) == "somebody's own");
}

TEST_CASE("a file that somebody put in place of a restored one stays, and so does the old one") {
  const Workbench bench;
  const Image image = make_database(bench, "DELETE");
  write_file(bench.file(), "the old one");
  {
    const auto restoration = bench.stage(image);
    restoration->swap();
    write_file(bench.file("-new"), "somebody's own");
    std::filesystem::rename(bench.file("-new"), bench.file());
    try {
      restoration->undo();
      FAIL("a file of somebody else was taken away");
    } catch (const Error& error) {
      CHECK(error.changed() == savepoint::Changed::yes);
      CHECK(error.hint().find("before-restore") != std::string::npos);
    }
  }

  CHECK(read_file(bench.file()) == "somebody's own");
  const std::string names = bench.names();
  const std::size_t kept = names.find("app.db.before-restore-");
  REQUIRE(kept != std::string::npos);
  CHECK(read_file(bench.root() / names.substr(kept, names.find(' ', kept) - kept)) ==
        "the old one");
}
