#include "drivers/sqlite/workbench.hpp"

#include "support/catch.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <stdexcept>

using savepoint::as_text;
using savepoint::BusyError;
using savepoint::RefusedError;
using savepoint::sqlite::Connection;
using savepoint::sqlite::Transaction;
using savepoint::test::do_and_die;
using savepoint::test::Image;
using savepoint::test::read_file;
using savepoint::test::shell;
using savepoint::test::start;
using savepoint::test::wait_for;
using savepoint::test::Workbench;
using savepoint::test::write_file;

namespace {

std::string rows(int count) {
  return "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
         std::to_string(count) + ") INSERT INTO t SELECT i, randomblob(200) FROM n;";
}

std::string table_of(int count) {
  return "CREATE TABLE t(i INTEGER PRIMARY KEY, b);" + rows(count);
}

constexpr const char* k_count = "SELECT count(*) FROM t";

std::string journal_modes() {
  return GENERATE(as<std::string>(), "DELETE", "WAL");
}

} // namespace

TEST_CASE("a reader in the middle of a transaction sees the old state to its end, then the new") {
  const Workbench bench;
  bench.run("PRAGMA journal_mode=WAL;" + table_of(100));
  const Image image = bench.capture();
  bench.run("DELETE FROM t WHERE i > 30");
  Connection reader = bench.open();

  {
    const Transaction view(reader, Transaction::Kind::read);
    REQUIRE(reader.query_integer(k_count) == 30);
    bench.restore(image);
    CHECK(reader.query_integer(k_count) == 30);
  }

  CHECK(reader.query_integer(k_count) == 100);
}

TEST_CASE("a database that somebody keeps reading is busy, and nothing is changed") {
  const Workbench bench;
  bench.run(table_of(100));
  const Image image = bench.capture();
  bench.run("DELETE FROM t WHERE i > 30");
  const std::string before = read_file(bench.file());
  Connection reader = bench.open();
  Connection other = bench.open();

  {
    const Transaction view(reader, Transaction::Kind::read);
    const auto restoration = bench.stage(image);
    CHECK_THROWS_AS(restoration->swap(), BusyError);
    CHECK(other.query_integer(k_count) == 30);
  }

  CHECK(read_file(bench.file()) == before);
  CHECK(bench.names() == "app.db ");
}

TEST_CASE("a database that somebody keeps writing to is busy, and nothing is changed") {
  const std::string journal = journal_modes();
  CAPTURE(journal);
  const Workbench bench;
  bench.run("PRAGMA journal_mode=" + journal + ";" + table_of(100));
  const Image image = bench.capture();
  Connection writer = bench.open();
  writer.execute("BEGIN IMMEDIATE; DELETE FROM t");

  CHECK_THROWS_AS(bench.stage(image)->swap(), BusyError);

  writer.execute("COMMIT");
  CHECK(bench.ask(k_count) == 0);
}

TEST_CASE("programs that have the database open go on with the restored state") {
  const std::string before = journal_modes();
  const std::string at_the_time = GENERATE(as<std::string>(), "DELETE", "WAL");
  CAPTURE(before, at_the_time);
  const Workbench bench;
  bench.run("PRAGMA journal_mode=" + at_the_time + ";" + table_of(100));
  const Image image = bench.capture();
  bench.run("PRAGMA journal_mode=" + before + "; DROP TABLE t; CREATE TABLE u(x)");
  Connection writer = bench.open();
  writer.execute("INSERT INTO u VALUES(1)");
  Connection reader = bench.open();
  REQUIRE(reader.query_integer("SELECT count(*) FROM u") == 1);

  bench.restore(image);

  writer.execute("INSERT INTO t VALUES(1000, NULL)");
  CHECK(reader.query_integer(k_count) == 101);
  CHECK_THROWS(reader.query_integer("SELECT count(*) FROM u"));
  CHECK(bench.ask(k_count) == 101);
  CHECK(bench.open().query_text("PRAGMA integrity_check") == "ok");
}

TEST_CASE("a database that nobody has open comes back in one file, in its journal mode") {
  const std::string before = journal_modes();
  const std::string at_the_time = GENERATE(as<std::string>(), "DELETE", "WAL");
  CAPTURE(before, at_the_time);
  const Workbench bench;
  bench.run("PRAGMA journal_mode=" + at_the_time + ";" + table_of(100));
  const Image image = bench.capture();
  bench.run("PRAGMA journal_mode=" + before + "; DELETE FROM t WHERE i > 30");

  bench.restore(image);

  CHECK(bench.names() == "app.db ");
  const Image again = bench.capture();
  CHECK(again.component.details.at("journal_mode") == image.component.details.at("journal_mode"));
  CHECK(again.component.tables.at(0).rows == 100);
  CHECK(as_text(again.bytes).substr(100) == as_text(image.bytes).substr(100));
}

TEST_CASE("a page size that differs is no obstacle, with the database open or not") {
  const std::string journal = journal_modes();
  const auto [old_size, new_size] =
      GENERATE(table<int, int>({{512, 65536}, {65536, 512}, {4096, 1024}}));
  const bool is_open = GENERATE(true, false);
  CAPTURE(journal, old_size, new_size, is_open);
  const Workbench bench;
  bench.run("PRAGMA page_size=" + std::to_string(old_size) + ";" + table_of(500));
  const Image image = bench.capture();
  std::filesystem::remove(bench.file());
  bench.run("PRAGMA page_size=" + std::to_string(new_size) + "; PRAGMA journal_mode=" + journal +
            ";" + table_of(20));
  std::optional<Connection> reader;
  if (is_open) {
    reader.emplace(bench.open());
    REQUIRE(reader->query_integer(k_count) == 20);
  }

  const auto restoration = bench.stage(image);
  restoration->swap();

  if (reader) {
    CHECK(reader->query_integer(k_count) == 500);
    reader->execute("UPDATE t SET b = 1 WHERE i = 1");
  }
  CHECK(bench.ask(k_count) == 500);
  CHECK(bench.open().query_text("PRAGMA integrity_check") == "ok");
  restoration->undo();
  CHECK(bench.ask(k_count) == 20);
  CHECK(bench.open().query_text("PRAGMA integrity_check") == "ok");
}

TEST_CASE("a write-ahead log left beside a missing database is never replayed over it") {
  const Workbench bench;
  bench.run("PRAGMA journal_mode=WAL;" + table_of(100));
  const Image image = bench.capture();
  do_and_die([&] {
    Connection writer = bench.open();
    writer.execute("DELETE FROM t");
    raise(SIGKILL);
  });
  std::filesystem::remove(bench.file());
  REQUIRE(std::filesystem::file_size(bench.file("-wal")) > 0);

  const auto restoration = bench.stage(image);
  restoration->swap();

  CHECK(bench.ask(k_count) == 100);
  CHECK(bench.open().query_text("PRAGMA integrity_check") == "ok");
  restoration->undo();
  CHECK(bench.names() == "app.db-shm app.db-wal ");
}

TEST_CASE("a write-ahead log that belongs to the database in place ends with it") {
  const Workbench bench;
  bench.run("PRAGMA journal_mode=WAL;" + table_of(100));
  const Image image = bench.capture();
  do_and_die([&] {
    Connection writer = bench.open();
    writer.execute("DELETE FROM t");
    raise(SIGKILL);
  });

  bench.restore(image);

  CHECK(bench.ask(k_count) == 100);
  CHECK(bench.names() == "app.db ");
}

TEST_CASE("a journal of a killed writer is never played back over a restored file") {
  const Workbench bench;
  bench.run(table_of(1000));
  const Image image = bench.capture();
  bench.run("DELETE FROM t WHERE i % 2 = 0; UPDATE t SET b = randomblob(300)");
  do_and_die([&] {
    Connection writer = bench.open();
    writer.execute("PRAGMA cache_size=1; BEGIN; UPDATE t SET b = randomblob(10)");
    raise(SIGKILL);
  });
  REQUIRE(std::filesystem::file_size(bench.file("-journal")) > 0);
  const bool is_missing = GENERATE(true, false);
  CAPTURE(is_missing);
  if (is_missing) {
    std::filesystem::remove(bench.file());
  }

  bench.restore(image);

  CHECK(bench.ask(k_count) == 1000);
  CHECK(bench.open().query_text("PRAGMA integrity_check") == "ok");
  CHECK(bench.names() == "app.db ");
}

TEST_CASE("a damaged file is replaced, and comes back as it was by undo") {
  const Workbench bench;
  bench.run(table_of(1000));
  const Image image = bench.capture();
  const std::string whole = read_file(bench.file());
  std::string damaged;
  SECTION("no header") {
    damaged = std::string(5000, 'x');
  }
  SECTION("cut short") {
    damaged = whole.substr(0, whole.size() / 2);
  }
  SECTION("a page in the middle") {
    damaged = std::string(whole).replace(4096, 4096, 4096, 'x');
  }
  SECTION("the schema") {
    damaged = std::string(whole).replace(100, 300, 300, 'x');
  }
  write_file(bench.file(), damaged);

  const auto restoration = bench.stage(image);
  restoration->swap();
  CHECK(bench.ask(k_count) == 1000);
  CHECK(bench.open().query_text("PRAGMA integrity_check") == "ok");
  restoration->undo();

  CHECK(read_file(bench.file()).substr(100) == damaged.substr(100));
  CHECK(read_file(bench.file()).size() == damaged.size());
  CHECK(bench.names().find("app.db ") == 0);
}

TEST_CASE("an empty file is a database without tables, to us as to SQLite") {
  const Workbench bench;
  bench.run(table_of(100));
  const Image image = bench.capture();
  write_file(bench.file(), "");
  Connection early = bench.open();
  REQUIRE(early.query_integer("SELECT count(*) FROM sqlite_schema") == 0);

  const auto restoration = bench.stage(image);
  restoration->swap();
  CHECK(early.query_integer(k_count) == 100);
  restoration->undo();

  CHECK(early.query_integer("SELECT count(*) FROM sqlite_schema") == 0);
}

TEST_CASE("a missing database comes back with its mode and its time, byte for byte") {
  const Workbench bench;
  bench.run(table_of(100));
  REQUIRE(chmod(bench.file().c_str(), 0604) == 0);
  const std::string before = shell(bench.root(), "sha256sum app.db; stat -c '%a %s %y' app.db");
  const Image image = bench.capture();
  std::filesystem::remove(bench.file());

  bench.restore(image);

  CHECK(shell(bench.root(), "sha256sum app.db; stat -c '%a %s %y' app.db") == before);
  CHECK(bench.names() == "app.db ");
}

TEST_CASE("a database in place that nobody has open is its file again, and by undo as well") {
  const std::string before = journal_modes();
  const std::string at_the_time = GENERATE(as<std::string>(), "DELETE", "WAL");
  CAPTURE(before, at_the_time);
  const Workbench bench;
  const auto describe = [&] {
    return shell(bench.root(), "sha256sum app.db; stat -c '%a %s %y' app.db");
  };
  bench.run("PRAGMA journal_mode=" + at_the_time + ";" + table_of(100));
  const std::string then = describe();
  const Image image = bench.capture();
  bench.run("PRAGMA journal_mode=" + before + "; DELETE FROM t WHERE i > 30; CREATE TABLE u(x)");
  const std::string changed = describe();

  const auto restoration = bench.stage(image);
  restoration->swap();
  CHECK(describe() == then);
  restoration->undo();
  CHECK(describe() == changed);
  CHECK(bench.names() == "app.db ");
}

TEST_CASE("a database that another process has open counts on, so that it looks again") {
  const Workbench bench;
  bench.run("CREATE TABLE t(i); INSERT INTO t VALUES(1)");
  const Image first = bench.capture();
  bench.run("UPDATE t SET i = 60");
  const Image image = bench.capture();
  bench.restore(first);
  bench.run("UPDATE t SET i = 30"); // the counter is at what it is in `image` now
  constexpr const char* k_value = "SELECT i FROM t";
  std::array<int, 2> asks{};
  std::array<int, 2> answers{};
  REQUIRE(pipe(asks.data()) == 0);
  REQUIRE(pipe(answers.data()) == 0);
  const pid_t other = start([&] {
    Connection reader = bench.open();
    const std::int64_t earlier = reader.query_integer(k_value);
    char asked = 0;
    if (write(answers[1], "r", 1) != 1 || read(asks[0], &asked, 1) != 1 || earlier != 30 ||
        reader.query_integer(k_value) != 60) {
      throw std::runtime_error("it reads what was there before");
    }
  });
  char ready = 0;
  REQUIRE(read(answers[0], &ready, 1) == 1);

  bench.restore(image);
  REQUIRE(write(asks[1], "?", 1) == 1);

  CHECK(wait_for(other) == 0);
  for (const int end : {asks[0], asks[1], answers[0], answers[1]}) {
    close(end);
  }
}

TEST_CASE("a database in place gets the mode of the snapshot, and its own back by undo") {
  const Workbench bench;
  bench.run(table_of(100));
  REQUIRE(chmod(bench.file().c_str(), 0604) == 0);
  const Image image = bench.capture();
  REQUIRE(chmod(bench.file().c_str(), 0640) == 0);

  const auto restoration = bench.stage(image);
  restoration->swap();
  CHECK(shell(bench.root(), "stat -c %a app.db") == "604\n");
  restoration->undo();

  CHECK(shell(bench.root(), "stat -c %a app.db") == "640\n");
}

TEST_CASE("missing directories are made, and go again if the restore is given up") {
  const Workbench bench;
  bench.run(table_of(100));
  const Image image = bench.capture();
  const savepoint::database::Target deep{"deep", "sqlite", bench.root() / "a/b/deep.db",
                                         "a/b/deep.db"};
  const auto stage = [&] {
    auto restoration = bench.driver().open_restoration(deep, image.component, {});
    restoration->write(image.bytes);
    restoration->check(image.component);
    return restoration;
  };

  stage().reset();
  CHECK(bench.names() == "app.db ");

  const auto restoration = stage();
  restoration->swap();
  restoration->close();
  CHECK(read_file(deep.file) == read_file(bench.file()));
  CHECK(shell(bench.root(), "stat -c %a a a/b") == "755\n755\n");
}

TEST_CASE("a link in the place of a database, or on the way to it, is refused") {
  const Workbench bench;
  bench.run(table_of(100));
  const Image image = bench.capture();
  savepoint::database::Target target = bench.target();
  SECTION("in its place") {
    std::filesystem::rename(bench.file(), bench.root() / "real.db");
    std::filesystem::create_symlink("real.db", bench.file());
  }
  SECTION("on the way") {
    std::filesystem::create_directory(bench.scratch() / "elsewhere");
    std::filesystem::create_symlink(bench.scratch() / "elsewhere", bench.root() / "data");
    target.path = "data/app.db";
    target.file = bench.root() / target.path;
  }
  SECTION("a directory") {
    std::filesystem::remove(bench.file());
    std::filesystem::create_directory(bench.file());
  }
  const std::string names = bench.names();

  try {
    (void)bench.driver().open_restoration(target, image.component, {});
    FAIL("a link was followed");
  } catch (const RefusedError& error) {
    CHECK_FALSE(error.hint().empty());
  }
  CHECK(bench.names() == names);
}

TEST_CASE("undo takes away what SQLite made beside a restored database") {
  const Workbench bench;
  bench.run("PRAGMA journal_mode=WAL;" + table_of(100));
  const Image image = bench.capture();
  std::filesystem::remove(bench.file());
  const auto restoration = bench.stage(image);
  restoration->swap();
  Connection writer = bench.open();
  writer.execute("DELETE FROM t");
  REQUIRE(bench.names() == "app.db app.db-shm app.db-wal ");

  restoration->undo();

  CHECK(bench.names().empty());
}
