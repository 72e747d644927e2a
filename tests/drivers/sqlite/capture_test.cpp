#include "drivers/sqlite/workbench.hpp"

#include "fs/status.hpp"
#include "support/catch.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

using savepoint::as_text;
using savepoint::BusyError;
using savepoint::Cancellation;
using savepoint::DatabaseError;
using savepoint::sqlite::Connection;
using savepoint::sqlite::Transaction;
using savepoint::test::do_and_die;
using savepoint::test::Image;
using savepoint::test::OpenedImage;
using savepoint::test::read_file;
using savepoint::test::shell;
using savepoint::test::start;
using savepoint::test::wait_for;
using savepoint::test::Workbench;
using savepoint::test::write_file;

using namespace std::chrono_literals;

namespace {

const std::string k_thousand_rows =
    "CREATE TABLE t(i INTEGER PRIMARY KEY, b);"
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) "
    "INSERT INTO t SELECT i, randomblob(200) FROM n;";

} // namespace

TEST_CASE("rows that are only in the write-ahead log are captured, and stay there") {
  const Workbench bench;
  Connection writer = bench.open();
  writer.execute("PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0");
  writer.execute(k_thousand_rows);
  const std::string file = read_file(bench.file());
  const std::string wal = read_file(bench.file("-wal"));
  REQUIRE(file.size() == 4096);

  const Image image = bench.capture();

  CHECK(image.component.tables.at(0).rows == 1000);
  CHECK(OpenedImage(image).text("PRAGMA integrity_check") == "ok");
  CHECK(read_file(bench.file()) == file);
  CHECK(read_file(bench.file("-wal")) == wal);
}

TEST_CASE("the time of a database is that of its last commit, also of one in the write-ahead log") {
  const Workbench bench;
  bench.run("PRAGMA journal_mode=WAL; CREATE TABLE t(i)");
  shell(bench.root(), "touch -d @981173106 app.db");
  CHECK(bench.capture().component.details.at("mtime_ns").as_integer() == 981173106'000'000'000);
  Connection writer = bench.open();
  writer.execute("INSERT INTO t VALUES(1)");

  const Image image = bench.capture();

  const std::string file = bench.file("-wal").native();
  CHECK(image.component.details.at("mtime_ns").as_integer() ==
        savepoint::fs::status(file)->mtime_ns);
}

TEST_CASE("a write-ahead log whose writer was killed is read, not folded in") {
  const Workbench bench;
  do_and_die([&] {
    Connection writer = bench.open();
    writer.execute("PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0");
    writer.execute(k_thousand_rows);
    writer.execute("BEGIN; DELETE FROM t");
    raise(SIGKILL);
  });
  std::filesystem::remove(bench.file("-shm"));
  const std::string file = read_file(bench.file());
  const std::string wal = read_file(bench.file("-wal"));

  const Image image = bench.capture();

  CHECK(image.component.tables.at(0).rows == 1000);
  CHECK(read_file(bench.file()) == file);
  CHECK(read_file(bench.file("-wal")) == wal);
}

TEST_CASE("half a transaction of a killed writer is not captured") {
  const Workbench bench;
  bench.run(k_thousand_rows);
  do_and_die([&] {
    Connection writer = bench.open();
    writer.execute("PRAGMA cache_size=1; BEGIN; UPDATE t SET b = randomblob(200); DELETE FROM t "
                   "WHERE i > 10");
    raise(SIGKILL); // the journal is hot: pages were written to make room in the cache
  });
  REQUIRE(std::filesystem::file_size(bench.file("-journal")) > 0);

  const Image image = bench.capture();

  CHECK(image.component.tables.at(0).rows == 1000);
  CHECK(OpenedImage(image).text("PRAGMA integrity_check") == "ok");
}

TEST_CASE("an idle database comes back as its file, byte for byte") {
  const std::string journal = GENERATE(as<std::string>(), "DELETE", "WAL");
  CAPTURE(journal);
  const Workbench bench;
  bench.run("PRAGMA journal_mode=" + journal + ";" + k_thousand_rows);
  bench.run("CREATE TABLE another(i); PRAGMA user_version=9; DELETE FROM t WHERE i % 3 = 0");
  const std::string file = read_file(bench.file());

  const Image image = bench.capture();
  std::filesystem::remove(bench.file());
  bench.restore(image);

  CHECK(read_file(bench.file()) == file);
}

TEST_CASE("a database put back through SQLite gives the same image again") {
  const std::string journal = GENERATE(as<std::string>(), "DELETE", "WAL");
  CAPTURE(journal);
  const Workbench bench;
  bench.run("PRAGMA journal_mode=" + journal + ";" + k_thousand_rows);
  const Image image = bench.capture();
  bench.run("CREATE TABLE another(i); DELETE FROM t");
  CHECK(bench.capture().bytes != image.bytes);

  bench.restore(image);

  CHECK(bench.capture().bytes == image.bytes);
}

TEST_CASE("two captures of the same state are equal, whatever is in the write-ahead log") {
  const Workbench bench;
  Connection writer = bench.open();
  writer.execute("PRAGMA journal_mode=WAL");
  writer.execute(k_thousand_rows);

  CHECK(bench.capture().bytes == bench.capture().bytes);
}

TEST_CASE("a capture changes nothing: no byte, no time, no file beside") {
  const std::string journal = GENERATE(as<std::string>(), "DELETE", "WAL");
  CAPTURE(journal);
  const Workbench bench;
  bench.run("PRAGMA journal_mode=" + journal + ";" + k_thousand_rows);
  const std::string before = shell(bench.root(), "sha256sum *; stat -c '%n %s %Y %y %Z %z' *");

  { const Image image = bench.capture(); }

  CHECK(shell(bench.root(), "sha256sum *; stat -c '%n %s %Y %y %Z %z' *") == before);
  CHECK(std::filesystem::is_empty(bench.scratch()));
}

TEST_CASE("a database that stays locked is reported as busy") {
  const Workbench bench;
  bench.run(k_thousand_rows);
  Connection writer = bench.open();
  const Transaction lock(writer, Transaction::Kind::exclusive);
  const Cancellation cancellation;

  CHECK_THROWS_AS(bench.driver().open_capture(bench.target(), bench.scratch(), 20ms, cancellation),
                  BusyError);
  CHECK(std::filesystem::is_empty(bench.scratch()));
}

TEST_CASE("what only looks like a database is left to be kept as a file") {
  const Workbench bench;
  bench.run(k_thousand_rows);
  const std::string whole = read_file(bench.file());
  std::string content;
  SECTION("a header and nothing more") {
    content = whole.substr(0, 100);
  }
  SECTION("the only page cut short") {
    std::filesystem::remove(bench.file());
    bench.run("PRAGMA user_version=1");
    content = read_file(bench.file()).substr(0, 4095);
  }
  SECTION("less than a page") {
    content = whole.substr(0, 4095);
  }
  SECTION("fewer pages than it says") {
    content = whole.substr(0, whole.size() / 2);
  }
  SECTION("a header, then text") {
    content = whole.substr(0, 16) + std::string(10000, 'x');
  }
  write_file(bench.file(), content);

  CHECK(bench.open_capture() == nullptr);
  CHECK(read_file(bench.file()) == content);
  CHECK(bench.names() == "app.db ");
}

TEST_CASE("a database with a damaged page is captured as it is, and says so") {
  const Workbench bench;
  bench.run(k_thousand_rows);
  std::string content = read_file(bench.file());
  content.replace(4096, 4096, 4096, 'x'); // the root of the table
  write_file(bench.file(), content);

  const Image image = bench.capture();

  CHECK(as_text(image.bytes).substr(100) == content.substr(100));
  CHECK(image.component.tables.empty());
  CHECK(image.component.details.at("row_counts").as_string().starts_with("unavailable: "));
}

TEST_CASE("a database whose schema this SQLite cannot read is still a database") {
  const Workbench bench;
  bench.run(k_thousand_rows);
  bench.run("PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql = 'CREATE TABLE t(FUTURE "
            "SYNTAX!)'");

  const Image image = bench.capture();

  CHECK(image.component.details.find("row_counts") != nullptr);
  const std::string file = read_file(bench.file());
  std::filesystem::remove(bench.file());
  bench.restore(image);
  CHECK(read_file(bench.file()) == file);
}

TEST_CASE("a capture says what there is to know of a database") {
  const Workbench bench;
  bench.run("PRAGMA page_size=1024; PRAGMA encoding='UTF-16le'; PRAGMA application_id=-5;"
            "PRAGMA user_version=42; CREATE TABLE b(i); CREATE TABLE a(i); CREATE TABLE "
            "sqliteish(i); INSERT INTO a VALUES(1), (2); CREATE VIEW v AS SELECT * FROM a;"
            "CREATE VIRTUAL TABLE words USING fts5(body); CREATE TABLE words_of_mine(i); "
            "CREATE TABLE c(i INTEGER PRIMARY KEY AUTOINCREMENT)");
  REQUIRE(chmod(bench.file().c_str(), 0640) == 0);

  const Image image = bench.capture();

  std::string tables;
  for (const auto& table : image.component.tables) {
    tables += table.name + "=" + std::to_string(table.rows) + " ";
  }
  CHECK(tables == "a=2 b=0 c=0 sqliteish=0 words_of_mine=0 ");
  CHECK(image.component.driver == "sqlite");
  CHECK(image.component.size == std::filesystem::file_size(bench.file()));
  const auto& details = image.component.details;
  CHECK(details.at("page_size").as_integer() == 1024);
  CHECK(details.at("page_count").as_unsigned() * 1024 == image.bytes.size());
  CHECK(details.at("user_version").as_integer() == 42);
  CHECK(details.at("application_id").as_integer() == -5);
  CHECK(details.at("schema_version").as_integer() == bench.ask("PRAGMA schema_version"));
  CHECK(details.at("journal_mode").as_string() == "delete");
  CHECK(details.at("encoding").as_string() == "UTF-16le");
  CHECK(details.at("mode").as_string() == "0640");
  CHECK(details.at("mtime_ns").as_integer() > 0);
}

TEST_CASE("the newest migration is found where a tool wrote it") {
  const auto [sql, table_name, newest] = GENERATE(table<std::string, std::string, std::string>({
      {"CREATE TABLE _prisma_migrations(id, migration_name, started_at, finished_at, "
       "rolled_back_at); INSERT INTO _prisma_migrations VALUES(1, '001_init', 1, 10, NULL), "
       "(2, '002_users', 2, 20, NULL), (3, '003_undone', 3, 30, 31), (4, '004_failed', 4, NULL, "
       "NULL)",
       "_prisma_migrations", "002_users"},
      {"CREATE TABLE django_migrations(id, app, name, applied); INSERT INTO django_migrations "
       "VALUES(1, 'auth', '0001_initial', 1), (2, 'shop', '0002_price', 1)",
       "django_migrations", "shop.0002_price"},
      {"CREATE TABLE schema_migrations(version VARCHAR); INSERT INTO schema_migrations "
       "VALUES('20240102'), ('20250101'), ('20230101')",
       "schema_migrations", "20250101"},
      {"CREATE TABLE schema_migrations(version INT, dirty); INSERT INTO schema_migrations "
       "VALUES(7, 0)",
       "schema_migrations", "7"},
      {"CREATE TABLE knex_migrations(id, name); INSERT INTO knex_migrations VALUES(1, 'a.js'), "
       "(2, 'b.js')",
       "knex_migrations", "b.js"},
      {"CREATE TABLE alembic_version(version_num); INSERT INTO alembic_version VALUES('ae10')",
       "alembic_version", "ae10"},
  }));
  CAPTURE(table_name);
  const Workbench bench;
  bench.run(sql);

  const Image image = bench.capture();

  CHECK(image.component.migration == newest);
  CHECK(image.component.migration_table == table_name);
}

TEST_CASE("a table that is only called like one of migrations is no reason to fail") {
  const Workbench bench;
  bench.run("CREATE TABLE django_migrations(x); INSERT INTO django_migrations VALUES(1);"
            "CREATE TABLE knex_migrations(id, name)");

  CHECK_FALSE(bench.capture().component.migration.has_value());
}

TEST_CASE(
    "a database in a directory that cannot be written to is captured where SQLite can read it") {
  const Workbench bench;
  bench.run(k_thousand_rows);
  // The superuser may write anywhere, so somebody else has to try.
  const auto capture_as_nobody = [&](const std::function<void()>& check) {
    shell(bench.root().parent_path(),
          "chmod 755 . project; chmod 644 project/app.db; chmod 777 scratch");
    return wait_for(start([&] {
      if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) {
        throw std::runtime_error("cannot become nobody");
      }
      check();
    }));
  };

  CHECK(capture_as_nobody([&] {
          if (bench.capture().component.tables.at(0).rows != 1000) {
            throw std::runtime_error("not the rows that are there");
          }
        }) == 0);

  bench.run("PRAGMA journal_mode=WAL");
  CHECK(capture_as_nobody([&] {
          try {
            (void)bench.capture();
          } catch (const DatabaseError& error) {
            if (!error.hint().empty()) {
              return;
            }
          }
          throw std::runtime_error("no error that says what to do");
        }) == 0);
}

TEST_CASE("a link to a database is captured as what it points to") {
  const Workbench bench;
  bench.run(k_thousand_rows);
  std::filesystem::rename(bench.file(), bench.root() / "real.db");
  std::filesystem::create_symlink("real.db", bench.file());

  CHECK(bench.capture().component.tables.at(0).rows == 1000);
}
