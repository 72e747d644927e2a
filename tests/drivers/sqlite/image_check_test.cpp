#include "drivers/sqlite/workbench.hpp"

#include "support/catch.hpp"

using savepoint::CorruptionError;
using savepoint::to_bytes;
using savepoint::test::Image;
using savepoint::test::read_file;
using savepoint::test::Workbench;
using savepoint::test::write_file;

namespace {

constexpr const char* k_rows =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) "
    "INSERT INTO t SELECT i, randomblob(200) FROM n;";

} // namespace

TEST_CASE("an image whose indexes and tables disagree does not get through") {
  const Workbench bench;
  bench.run("CREATE TABLE t(i, b NOT NULL); CREATE INDEX x ON t(b);" + std::string(k_rows));
  Image image = bench.capture();
  bench.run("PRAGMA writable_schema=ON; UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM "
            "sqlite_schema WHERE name = 't') WHERE name = 'x'");
  image.bytes = to_bytes(read_file(bench.file()));

  CHECK_THROWS_AS(bench.stage(image), CorruptionError);
  const auto rehearsal =
      bench.driver().open_rehearsal(bench.target(), image.component, {.scratch = bench.scratch()});
  rehearsal->write(image.bytes);
  CHECK_THROWS_AS(rehearsal->check(image.component), CorruptionError);
}

TEST_CASE("rows that break a constraint are content, not damage") {
  const Workbench bench;
  SECTION("a value that must not be null") {
    bench.run("CREATE TABLE t(i, b); INSERT INTO t VALUES(1, NULL); PRAGMA writable_schema=ON;"
              "UPDATE sqlite_schema SET sql = 'CREATE TABLE t(i, b NOT NULL)'");
  }
  SECTION("a check") {
    bench.run("PRAGMA ignore_check_constraints=ON; CREATE TABLE t(i CHECK(i > 5), b);"
              "INSERT INTO t VALUES(1, 2)");
  }
  const Image image = bench.capture();

  CHECK_NOTHROW(bench.restore(image));
}

TEST_CASE("a database that needs functions of its application is captured and restored") {
  const Workbench bench;
  bench.run("CREATE TABLE t(i, b); CREATE INDEX x ON t(b); INSERT INTO t VALUES(1, 'a'), (2, 'b');"
            "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql = 'CREATE INDEX x ON t(b "
            "COLLATE application)' WHERE name = 'x'");

  const Image image = bench.capture();

  CHECK(image.component.tables.at(0).rows == 2);
  CHECK_NOTHROW(bench.restore(image));
}

TEST_CASE("a database that was damaged when it was captured comes back as it was") {
  const Workbench bench;
  bench.run("CREATE TABLE t(i, b);" + std::string(k_rows));
  const std::string damaged = read_file(bench.file()).replace(4096, 4096, 4096, 'x');
  write_file(bench.file(), damaged);
  const Image image = bench.capture();
  std::filesystem::remove(bench.file());

  bench.restore(image);

  CHECK(read_file(bench.file()) == damaged);
}
