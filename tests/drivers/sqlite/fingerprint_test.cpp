#include "drivers/sqlite/workbench.hpp"

#include "support/catch.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <set>

using savepoint::SystemClock;
using savepoint::Timestamp;
using savepoint::sqlite::Connection;
using savepoint::test::Image;
using savepoint::test::read_file;
using savepoint::test::shell;
using savepoint::test::Workbench;
using savepoint::test::write_file;

using namespace std::chrono_literals;

namespace {

Timestamp in(std::chrono::nanoseconds later) {
  return SystemClock().now() + later;
}

std::optional<std::string> fingerprint(const Workbench& bench) {
  return bench.driver().fingerprint(bench.target(), in(1h));
}

/// Gives the database and its log the times they had, as far as that can be done.
void set_times(const Workbench& bench, const timespec& time) {
  const timespec times[2] = {time, time};
  for (const auto* suffix : {"", "-wal"}) {
    (void)utimensat(AT_FDCWD, bench.file(suffix).c_str(), times, 0);
  }
}

} // namespace

TEST_CASE("every commit changes the fingerprint") {
  const std::string journal =
      GENERATE(as<std::string>(), "DELETE", "TRUNCATE", "PERSIST", "MEMORY", "WAL");
  CAPTURE(journal);
  const Workbench bench;
  Connection writer = bench.open();
  writer.execute("PRAGMA journal_mode=" + journal + "; PRAGMA synchronous=OFF;" +
                 "CREATE TABLE t(i); INSERT INTO t VALUES(0)");
  std::set<std::string> seen;

  for (int i = 0; i < 50; ++i) {
    writer.execute("UPDATE t SET i = i + 1");
    const auto now = fingerprint(bench);
    REQUIRE(now.has_value());
    CHECK(seen.insert(*now).second);
  }
}

TEST_CASE("a commit into the used space of a write-ahead log changes the fingerprint") {
  const Workbench bench;
  Connection writer = bench.open();
  writer.execute("PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; CREATE TABLE t(i);"
                 "CREATE TABLE large AS SELECT randomblob(100000); INSERT INTO t VALUES(1)");
  writer.execute("PRAGMA wal_checkpoint(RESTART); UPDATE t SET i = 2");
  const auto size = std::filesystem::file_size(bench.file("-wal"));
  const auto before = fingerprint(bench);

  writer.execute("UPDATE t SET i = 3");

  REQUIRE(std::filesystem::file_size(bench.file("-wal")) == size);
  CHECK(fingerprint(bench) != before);
}

TEST_CASE("a capture leaves the fingerprint as it was") {
  const std::string journal = GENERATE(as<std::string>(), "DELETE", "WAL");
  CAPTURE(journal);
  const Workbench bench;
  bench.run("PRAGMA journal_mode=" + journal + "; CREATE TABLE t(i)");
  const auto before = fingerprint(bench);
  REQUIRE(before.has_value());

  { const Image image = bench.capture(); }

  CHECK(fingerprint(bench) == before);
}

TEST_CASE("times too young to trust give no fingerprint") {
  const Workbench bench;
  bench.run("CREATE TABLE t(i)");

  CHECK_FALSE(bench.driver().fingerprint(bench.target(), in(0ns)).has_value());
  CHECK_FALSE(bench.driver().fingerprint(bench.target(), in(-1h)).has_value());
  CHECK(bench.driver().fingerprint(bench.target(), in(1s)).has_value());
}

TEST_CASE("where times have no fraction, they take longer to be trusted") {
  const Workbench bench;
  bench.run("CREATE TABLE t(i)");
  const Timestamp now = in(1h);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch());

  set_times(bench, {(seconds - 1s).count(), 0});
  CHECK_FALSE(bench.driver().fingerprint(bench.target(), now).has_value());

  set_times(bench, {(seconds - 1s).count(), 1});
  CHECK(bench.driver().fingerprint(bench.target(), now).has_value());
}

TEST_CASE("another file under the same name, with the same size and time, is a change") {
  const Workbench bench;
  bench.run("CREATE TABLE t(i); INSERT INTO t VALUES(1)");
  set_times(bench, {1000, 5});
  const auto before = fingerprint(bench);
  shell(bench.root(), "cp -p app.db other && mv other app.db");

  CHECK(fingerprint(bench) != before);
}

TEST_CASE("what is missing or no database has no fingerprint that could be equal") {
  const Workbench bench;
  CHECK_FALSE(fingerprint(bench).has_value());

  std::filesystem::create_directory(bench.file());
  CHECK_FALSE(fingerprint(bench).has_value());
}

TEST_CASE("a fingerprint ends nobody's locks") {
  const Workbench bench;
  bench.run("CREATE TABLE t(i)");
  Connection writer = bench.open();
  writer.execute("BEGIN EXCLUSIVE");

  (void)fingerprint(bench);

  CHECK_THROWS(shell(bench.root(), "sqlite3 app.db 'INSERT INTO t VALUES(1)'"));
}
