#include "sqlite/connection.hpp"

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using savepoint::as_bytes;
using savepoint::as_text;
using savepoint::BusyError;
using savepoint::sqlite::Connection;
using savepoint::sqlite::OpenMode;
using savepoint::sqlite::SqliteBusy;
using savepoint::sqlite::SqliteError;
using savepoint::sqlite::Statement;
using savepoint::sqlite::Symlinks;
using savepoint::sqlite::Transaction;
using savepoint::test::TemporaryDirectory;

using namespace std::chrono_literals;

TEST_CASE("every kind of value comes back as it was bound") {
  const TemporaryDirectory directory;
  Connection connection(directory / "a.db", OpenMode::create);
  connection.execute("CREATE TABLE t(i, s, b, n)");
  const std::string text("a\0b", 3);

  connection.prepare("INSERT INTO t VALUES(?, ?, ?, ?)")
      .bind(1, std::int64_t{-7})
      .bind(2, text)
      .bind(3, as_bytes("\xff\x01"))
      .bind_null(4)
      .run();

  Statement row = connection.prepare("SELECT i, s, b, n FROM t");
  REQUIRE(row.step());
  CHECK(row.integer(0) == -7);
  CHECK(row.text(1) == text);
  CHECK(as_text(row.blob(2)) == "\xff\x01");
  CHECK(row.is_null(3));
  CHECK_FALSE(row.step());
}

TEST_CASE("a transaction without commit leaves nothing") {
  const TemporaryDirectory directory;
  Connection connection(directory / "a.db", OpenMode::create);
  connection.execute("CREATE TABLE t(i)");

  {
    const Transaction transaction(connection, Transaction::Kind::write);
    connection.execute("INSERT INTO t VALUES(1)");
  }
  CHECK(connection.query_integer("SELECT count(*) FROM t") == 0);

  Transaction transaction(connection, Transaction::Kind::write);
  connection.execute("INSERT INTO t VALUES(1)");
  transaction.commit();
  CHECK(connection.query_integer("SELECT count(*) FROM t") == 1);
}

TEST_CASE("a read transaction sees the moment it began, whatever others write") {
  const TemporaryDirectory directory;
  Connection reader(directory / "a.db", OpenMode::create);
  reader.execute("PRAGMA journal_mode=WAL; CREATE TABLE t(i)");
  Connection writer(directory / "a.db", OpenMode::read_write);

  const Transaction view(reader, Transaction::Kind::read);
  writer.execute("INSERT INTO t VALUES(1)");

  CHECK(reader.query_integer("SELECT count(*) FROM t") == 0);
}

TEST_CASE("somebody else's lock is a busy error, not a failure") {
  const TemporaryDirectory directory;
  Connection first(directory / "a.db", OpenMode::create);
  first.execute("CREATE TABLE t(i)");
  Connection second(directory / "a.db", OpenMode::read_write);
  const Transaction lock(first, Transaction::Kind::exclusive);

  second.set_busy_timeout(5ms);

  CHECK_THROWS_AS(second.execute("INSERT INTO t VALUES(1)"), BusyError);
}

TEST_CASE("damage is told from other errors") {
  const TemporaryDirectory directory;
  savepoint::test::write_file(directory / "a.db", "SQLite format 3\0 and then nothing sensible");
  Connection connection(directory / "a.db", OpenMode::read_write);

  try {
    (void)connection.query_integer("PRAGMA schema_version");
    FAIL("a file that is no database was read");
  } catch (const SqliteError& error) {
    CHECK(error.is_damage());
  }
  CHECK_THROWS_AS(connection.execute("nonsense"), SqliteError);
}

TEST_CASE("the name of a database is a file name and nothing else") {
  const TemporaryDirectory directory;
  for (const std::string name : {":memory:", "file:x?mode=memory", "50% done? #1", "\xff\xfe"}) {
    CAPTURE(name);
    {
      Connection connection(directory / name, OpenMode::create);
      connection.execute("CREATE TABLE t(i); INSERT INTO t VALUES(1)");
    }

    CHECK(std::filesystem::exists(directory / name));
    Connection again(directory / name, OpenMode::immutable);
    CHECK(again.query_integer("SELECT count(*) FROM t") == 1);
  }
}

TEST_CASE("a missing database is not created by opening it") {
  const TemporaryDirectory directory;
  CHECK_THROWS_AS(Connection(directory / "a.db", OpenMode::read_write), SqliteError);
  CHECK_FALSE(std::filesystem::exists(directory / "a.db"));
}

TEST_CASE("symlinks are refused where asked") {
  const TemporaryDirectory directory;
  { Connection(directory / "a.db", OpenMode::create).execute("CREATE TABLE t(i)"); }
  std::filesystem::create_symlink("a.db", directory / "link.db");

  CHECK_NOTHROW(Connection(directory / "link.db", OpenMode::read_write));
  CHECK_THROWS_AS(Connection(directory / "link.db", OpenMode::read_write, Symlinks::refuse),
                  SqliteError);
}

TEST_CASE("the header of a file is read without ending the locks on it") {
  const TemporaryDirectory directory;
  Connection connection(directory / "a.db", OpenMode::create);
  connection.execute("CREATE TABLE t(i)");
  const Transaction lock(connection, Transaction::Kind::exclusive);

  CHECK(as_text(connection.file_header()).substr(0, 16) == std::string("SQLite format 3\0", 16));

  CHECK_THROWS(savepoint::test::shell(directory.path(), "sqlite3 a.db 'INSERT INTO t VALUES(1)'"));
}
