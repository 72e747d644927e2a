#include "sqlite/connection.hpp"
#include "support/catch.hpp"
#include "support/child_process.hpp"
#include "support/exact_state.hpp"
#include "support/meddling.hpp"
#include "support/restoring.hpp"

using namespace savepoint;
using test::put_back;
using test::ScratchProject;

namespace {

void make_database(const ScratchProject& project, const std::string& journal) {
  project.sh("sqlite3 app.db 'PRAGMA journal_mode=" + journal +
             "; CREATE TABLE t(a); INSERT INTO t VALUES (1)'");
}

std::string rows(const ScratchProject& project) {
  return project.sh("sqlite3 app.db 'SELECT count(*) FROM t'");
}

/// Commits one row; how many that were.
int insert(const ScratchProject& project) {
  return project.sh("sqlite3 app.db 'INSERT INTO t VALUES (2)' 2>/dev/null && echo yes || true") ==
                 "yes\n"
             ? 1
             : 0;
}

} // namespace

TEST_CASE("what others commit to a database during a restore is never lost: undo has it") {
  const auto journal = GENERATE(as<std::string>(), "wal", "delete");
  CAPTURE(journal);
  ScratchProject project;
  make_database(project, journal);
  project.write("file", "then");
  const manifest::Manifest snapshot = project.take();
  project.write("file", "now");
  int count = 1 + insert(project);
  REQUIRE(count == 2);
  int calls = 0;
  const test::Meddling meddling(project, [&](std::string_view) {
    ++calls;
    count += insert(project);
  });

  meddling.put_back(snapshot);
  REQUIRE(calls > 3);
  REQUIRE(count > 3);
  REQUIRE(rows(project) == "1\n");
  test::undo(project);

  CHECK(rows(project) == std::to_string(count) + "\n");
  CHECK_FALSE(test::has_leftovers(project));
}

TEST_CASE("a file that is no database now costs no commit to another one") {
  const auto journal = GENERATE(as<std::string>(), "wal", "delete");
  const auto broken =
      GENERATE(as<std::string>(), "printf 'no database' > broken.db", "truncate -s 50 broken.db",
               "truncate -s 0 broken.db", "rm broken.db");
  CAPTURE(journal, broken);
  ScratchProject project;
  make_database(project, journal);
  project.sh("sqlite3 broken.db 'CREATE TABLE t(a)'; sqlite3 zoo.db 'CREATE TABLE t(a)'");
  const manifest::Manifest snapshot = project.take();
  project.sh(broken + "; sqlite3 zoo.db 'INSERT INTO t VALUES (1)'");
  int count = 1 + insert(project);
  const test::Meddling meddling(project, [&](std::string_view) { count += insert(project); });

  meddling.put_back(snapshot);
  REQUIRE(count > 3);
  REQUIRE(rows(project) == "1\n");
  test::undo(project);

  CHECK(rows(project) == std::to_string(count) + "\n");
  CHECK_FALSE(test::has_leftovers(project));
}

TEST_CASE("what is written into a file that is no database, while it is read, is not lost") {
  ScratchProject project;
  make_database(project, "delete");
  const manifest::Manifest snapshot = project.take();
  project.write("app.db", "no database");
  const test::Meddling meddling(project, [&](std::string_view stage) {
    if (stage.starts_with("saving database")) {
      project.write("app.db", "somebody's own");
    }
  });

  restore::Request databases;
  databases.only.code = databases.only.config = false;

  CHECK_THROWS_AS(meddling.put_back(snapshot), BusyError);
  REQUIRE(project.read("app.db") == "somebody's own");
  project.write("app.db", "no database");
  meddling.put_back(snapshot, databases);
  REQUIRE(rows(project) == "1\n");
  test::undo(project);

  CHECK(project.read("app.db") == "somebody's own");
}

TEST_CASE("a database that was as the snapshot has it, and is no more, stops the restore") {
  ScratchProject project;
  make_database(project, "wal");
  project.write("file", "then");
  const manifest::Manifest snapshot = project.take();
  project.write("file", "now");
  const project::Project opened = project.project();
  restore::Plan plan = restore::make_plan(opened, project.store(), snapshot, {});
  REQUIRE(test::listed(plan.changes()) == std::vector<std::string>{"replace file"});
  project.sh("sqlite3 app.db 'CREATE TABLE meanwhile(x)'");

  CHECK_THROWS_AS(restore::execute(opened, project.store(), std::move(plan)), BusyError);

  CHECK(project.read("file") == "now");
  test::put_back(project, snapshot);
  CHECK(project.read("file") == "then");
  CHECK(project.sh("sqlite3 app.db .tables").find("meanwhile") == std::string::npos);
}

TEST_CASE("a program that writes to a database with patience sees no error during a restore") {
  const auto journal = GENERATE(as<std::string>(), "wal", "delete");
  CAPTURE(journal);
  ScratchProject project;
  make_database(project, journal);
  const manifest::Manifest snapshot = project.take();
  insert(project);
  project.close_store(); // a child that inherits SQLite's locks would not feel ours
  test::ChildProcess writer([&] {
    sqlite::Connection connection(project / "app.db", sqlite::OpenMode::read_write);
    connection.set_busy_timeout(std::chrono::seconds(30));
    while (!std::filesystem::exists(project.beside("stop"))) {
      connection.execute("INSERT INTO t VALUES (3)");
    }
  });
  project.open_store();

  for (int i = 0; i < 3; ++i) {
    CHECK_NOTHROW(put_back(project, snapshot));
  }
  test::write_file(project.beside("stop"), "");

  CHECK(writer.wait() == 0);
}
