#include "sqlite/connection.hpp"

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using savepoint::Cancellation;
using savepoint::Cancelled;
using savepoint::sqlite::backup;
using savepoint::sqlite::Connection;
using savepoint::sqlite::OpenMode;
using savepoint::sqlite::SqliteBusy;
using savepoint::sqlite::Transaction;
using savepoint::test::TemporaryDirectory;

using namespace std::chrono_literals;

namespace {

void fill(Connection& connection, int rows) {
  connection.execute(
      "CREATE TABLE t(i, b); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
      "FROM n WHERE i < " +
      std::to_string(rows) + ") INSERT INTO t SELECT i, randomblob(500) FROM n");
}

} // namespace

TEST_CASE("a backup is the state that the source's transaction sees") {
  const TemporaryDirectory directory;
  Connection source(directory / "a.db", OpenMode::create);
  source.execute("PRAGMA journal_mode=WAL");
  fill(source, 20000); // more pages than are copied at a time
  Connection writer(directory / "a.db", OpenMode::read_write);
  Connection target(directory / "b.db", OpenMode::create);

  const Transaction view(source, Transaction::Kind::read);
  writer.execute("DELETE FROM t");
  backup(source, target, 1s);

  CHECK(target.query_integer("SELECT count(*) FROM t") == 20000);
  CHECK(target.query_text("PRAGMA integrity_check") == "ok");
}

TEST_CASE("a backup that waits too long for a lock changes nothing") {
  const auto mode = GENERATE(as<std::string>(), "WAL", "DELETE");
  CAPTURE(mode);
  const TemporaryDirectory directory;
  Connection source(directory / "a.db", OpenMode::create);
  fill(source, 10);
  Connection target(directory / "b.db", OpenMode::create);
  target.execute("PRAGMA journal_mode=" + mode);
  fill(target, 3);
  Connection other(directory / "b.db", OpenMode::read_write);

  {
    const Transaction lock(other, Transaction::Kind::write);
    CHECK_THROWS_AS(backup(source, target, 30ms), SqliteBusy);
  }

  CHECK(other.query_integer("SELECT count(*) FROM t") == 3);
  backup(source, target, 1s); // the lock is gone, and so is every trace of the first attempt
  CHECK(other.query_integer("SELECT count(*) FROM t") == 10);
}

TEST_CASE("a backup that gave up waiting keeps no reader out") {
  const TemporaryDirectory directory;
  Connection source(directory / "a.db", OpenMode::create);
  fill(source, 10);
  Connection target(directory / "b.db", OpenMode::create);
  fill(target, 3);
  Connection reader(directory / "b.db", OpenMode::read_write);
  Connection late(directory / "b.db", OpenMode::read_write);

  const Transaction view(reader, Transaction::Kind::read);
  CHECK_THROWS_AS(backup(source, target, 30ms), SqliteBusy);

  CHECK(late.query_integer("SELECT count(*) FROM t") == 3);
}

TEST_CASE("a backup that is cancelled changes nothing") {
  const TemporaryDirectory directory;
  Connection source(directory / "a.db", OpenMode::create);
  fill(source, 10);
  Connection target(directory / "b.db", OpenMode::create);
  fill(target, 3);
  Cancellation cancellation;
  cancellation.request();

  CHECK_THROWS_AS(backup(source, target, 1s, cancellation), Cancelled);

  CHECK(target.query_integer("SELECT count(*) FROM t") == 3);
}
