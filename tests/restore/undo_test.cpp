#include "base/error.hpp"
#include "support/catch.hpp"
#include "support/child_process.hpp"
#include "support/exact_state.hpp"
#include "support/meddling.hpp"
#include "support/restoring.hpp"

using namespace savepoint;
using test::ExactState;
using test::put_back;
using test::ScratchProject;

TEST_CASE("undo brings back exactly what a restore changed, and undoing that does it again") {
  ScratchProject project;
  project.write("changed", "then");
  project.write("dir/gone", "then");
  project.sh("ln changed linked; ln -s changed link");
  const manifest::Manifest snapshot = project.take();
  const ExactState then(project.root());
  project.sh("rm -r dir linked; rm link; mkdir link; printf new > link/new; printf now > changed; "
             "printf x > added; chmod 640 changed");
  const ExactState now(project.root());

  const restore::Restored restored = put_back(project, snapshot);
  CHECK(ExactState(project.root()) == then);
  test::undo(project);
  CHECK(ExactState(project.root()) == now);
  test::undo(project);
  CHECK(ExactState(project.root()) == then);

  CHECK(restored.safety.has_value());
}

TEST_CASE("undo removes also what the present ignore rules hide") {
  ScratchProject project(ScratchProject::Git::yes);
  project.write("debug.log", "captured once");
  const manifest::Manifest snapshot = project.take();
  project.sh("rm debug.log");
  project.write(".gitignore", "*.log\n");
  const ExactState now(project.root());

  put_back(project, snapshot);
  REQUIRE(project.has("debug.log"));
  test::undo(project);

  CHECK(ExactState(project.root()) == now);
}

TEST_CASE(
    "undo removes what the repository's own exclude file hides, and doing it again brings it") {
  ScratchProject project(ScratchProject::Git::yes);
  const std::string path = GENERATE("debug.log", "made.log/deep/file");
  project.write(path, "captured once");
  const manifest::Manifest snapshot = project.take();
  project.sh("rm -r *.log; printf '*.log\n' >> .git/info/exclude");
  const ExactState now(project.root());

  put_back(project, snapshot);
  REQUIRE(project.has(path));
  const ExactState then(project.root());
  test::undo(project);
  CHECK(ExactState(project.root()) == now);
  CHECK(test::planned(project, project.take()).empty());
  test::undo(project);
  CHECK(ExactState(project.root()) == then);
  test::undo(project);
  CHECK(ExactState(project.root()) == now);
}

TEST_CASE("undo leaves ignored files that no restore brought, or that changed since") {
  ScratchProject project(ScratchProject::Git::yes);
  project.write("kept.log", "the same all the time");
  project.write("changed.log", "captured once");
  project.write("file", "then");
  const manifest::Manifest snapshot = project.take();
  project.sh("rm changed.log; printf '*.log\n' >> .git/info/exclude; printf now > file");

  put_back(project, snapshot);
  project.write("changed.log", "written since");
  test::undo(project);

  CHECK(project.read("file") == "now");
  CHECK(project.read("kept.log") == "the same all the time");
  CHECK(project.read("changed.log") == "written since");
}

TEST_CASE("undo puts config files back as they were") {
  ScratchProject project(ScratchProject::Git::yes);
  project.write(".gitignore", ".env*\n");
  project.write(".env", "A=then\n");
  const manifest::Manifest snapshot = project.take();
  project.write(".env", "A=now\n");
  project.write("sub/.env.local", "B=1\n");
  const ExactState now(project.root());
  restore::Request request;
  request.with_config = true;

  put_back(project, snapshot, request);
  REQUIRE(project.read(".env") == "A=then\n");
  REQUIRE_FALSE(project.has("sub/.env.local"));
  test::undo(project);

  CHECK(ExactState(project.root()) == now);
}

namespace {

/// What is in the place of the database, to the nanosecond.
std::string in_place(const ScratchProject& project) {
  return project.sh("stat -c '%F %a %.9Y' app.db 2>/dev/null && { readlink app.db || cat app.db; } "
                    "|| echo nothing");
}

} // namespace

TEST_CASE("undo brings back what had taken the place of a database") {
  ScratchProject project;
  project.sh("sqlite3 app.db 'CREATE TABLE t(i); INSERT INTO t VALUES (1), (2), (3)'");
  const manifest::Manifest snapshot = project.take();
  project.sh(GENERATE(as<std::string>(), "printf 'not a database' > app.db",
                      "rm app.db; ln -s elsewhere app.db", "rm app.db", "truncate -s 50 app.db",
                      "truncate -s 0 app.db"));
  const std::string now = in_place(project);
  const ExactState state(project.root());

  put_back(project, snapshot);
  REQUIRE(project.sh("sqlite3 app.db 'SELECT count(*) FROM t'") == "3\n");
  test::undo(project);

  CHECK(in_place(project) == now);
  CHECK(ExactState(project.root()) == state);
}

TEST_CASE("what is no database comes and goes like any file, whatever it looks like") {
  ScratchProject project(ScratchProject::Git::yes);
  project.write(".gitignore", GENERATE(as<std::string>(), "", "*.db*\n"));
  const char* const fake = "{ printf 'SQLite format 3\\0'; head -c 5000 /dev/zero | tr '\\0' x; }";
  const std::string then =
      GENERATE_COPY(as<std::string>(), std::string(fake) + " > app.db", "true", ": > app.db");
  const std::string now = GENERATE_COPY(
      as<std::string>(), std::string(fake) + " | head -c 3000 > app.db", "rm -f app.db",
      ": > app.db", "rm -f app.db; sqlite3 app.db 'CREATE TABLE t(i)'");
  CAPTURE(then, now);
  project.sh(then);
  project.write("file", "then");
  const manifest::Manifest snapshot = project.take(GENERATE("", "code"));
  const std::string before = in_place(project);
  project.sh(now);
  project.write("file", "now");
  const std::string after = in_place(project);
  const bool is_database = now.find("TABLE") != std::string::npos;
  restore::Request request;
  request.only.databases = is_database || GENERATE(true, false);

  put_back(project, snapshot, request);
  if (then != "true") { // what a snapshot's rules leave out stays
    CHECK(in_place(project) == before);
  }
  CHECK(project.read("file") == "then");
  test::undo(project);
  if (is_database) {
    CHECK(project.sh("sqlite3 app.db .tables") == "t\n");
  } else {
    CHECK(in_place(project) == after);
  }
  CHECK(project.read("file") == "now");
}

TEST_CASE("a log whose database is gone is not lost with it") {
  ScratchProject project(ScratchProject::Git::yes);
  project.write(".gitignore", GENERATE(as<std::string>(), "*.db*\n", ""));
  project.sh("sqlite3 app.db 'CREATE TABLE t(i)'");
  const manifest::Manifest snapshot = project.take();
  project.sh("rm app.db");
  project.write("app.db-wal", "commits");
  if (project.read(".gitignore").empty()) {
    put_back(project, snapshot);
    test::undo(project);
  } else {
    CHECK_THROWS_AS(put_back(project, snapshot), RefusedError);
  }

  CHECK(project.read("app.db-wal") == "commits");
}

TEST_CASE("the shared memory of a database that is gone is in nobody's way") {
  ScratchProject project(ScratchProject::Git::yes);
  project.write(".gitignore", "*.db*\n");
  project.sh("sqlite3 app.db 'CREATE TABLE t(i)'");
  const manifest::Manifest snapshot = project.take();
  project.sh("rm app.db");
  project.write("app.db-shm", "an index of nothing");

  put_back(project, snapshot);

  CHECK(project.sh("sqlite3 app.db .tables") == "t\n");
}

TEST_CASE("a link to a config file comes back, ignored or not") {
  ScratchProject project(ScratchProject::Git::yes);
  project.write(".gitignore", GENERATE(as<std::string>(), ".env\n", ""));
  project.sh("ln -s ../elsewhere .env");
  const manifest::Manifest snapshot = project.take();
  project.sh("rm .env");

  put_back(project, snapshot);

  CHECK(project.sh("readlink .env") == "../elsewhere\n");
}

TEST_CASE("a submodule's files go and come back by its own rules") {
  ScratchProject project(ScratchProject::Git::yes);
  project.write(".gitignore", "dist/\n");
  project.sh("git init -q sub; mkdir sub/dist; echo 1 > sub/dist/a; "
             "git -C sub -c user.name=a -c user.email=a@b commit -q --allow-empty -m one; "
             "git add sub 2>/dev/null");
  const manifest::Manifest snapshot = project.take();
  const ExactState then(project.root());
  project.sh("echo 2 > sub/dist/a; echo 3 > sub/dist/new");
  const ExactState now(project.root());

  put_back(project, snapshot);
  CHECK(ExactState(project.root()) == then);
  test::undo(project);
  CHECK(ExactState(project.root()) == now);
}

TEST_CASE("undo of a restore of databases alone brings back what had taken the place of one") {
  ScratchProject project;
  project.write("file", "then");
  project.sh("sqlite3 app.db 'CREATE TABLE t(i)'");
  const manifest::Manifest snapshot = project.take();
  const auto [before, after] = GENERATE(
      table<std::string, std::string>({{"printf 'not a database' > app.db", "true"},
                                       {"printf 'not a database' > app.db", "truncate -s 0 app.db"},
                                       {"truncate -s 50 app.db", "sqlite3 app.db 'DROP TABLE t'"},
                                       {"truncate -s 50 app.db", "rm app.db"},
                                       {"truncate -s 0 app.db", "true"},
                                       {"truncate -s 0 app.db", "rm app.db"},
                                       {"rm app.db", "true"},
                                       {"rm app.db", "rm app.db"}}));
  CAPTURE(before, after);
  project.sh(before);
  const std::string now = in_place(project);
  restore::Request databases;
  databases.only.code = databases.only.config = false;

  put_back(project, snapshot, databases);
  REQUIRE(project.sh("sqlite3 app.db .tables") == "t\n");
  project.write("file", "after");
  project.sh(after);
  test::undo(project);

  CHECK(in_place(project) == now);
  CHECK(project.read("file") == "after");
}

TEST_CASE("without a restore there is nothing to undo") {
  ScratchProject project;
  project.write("file", "1");
  project.take();

  CHECK_THROWS_AS(restore::find_undo(project.project(), project.store()), NotFoundError);
}

TEST_CASE("a restore that failed is not what undo undoes") {
  ScratchProject project;
  if (!test::can_obstruct(project)) {
    return;
  }
  project.write("file", "1");
  project.write("fixed", "1");
  const manifest::Manifest first = project.take();
  project.write("file", "2");
  put_back(project, first);
  const SnapshotId undo_point = restore::find_undo(project.project(), project.store());
  project.write("fixed", "2");
  project.sh("chattr +i fixed");
  CHECK_THROWS_AS(put_back(project, first), IoError);
  project.sh("chattr -i fixed");

  CHECK(restore::find_undo(project.project(), project.store()) == undo_point);
}

TEST_CASE("a restore that was killed before it changed anything is not what undo undoes") {
  ScratchProject project;
  project.write("file", "1");
  const manifest::Manifest first = project.take();
  project.write("file", "2");
  put_back(project, first);
  const SnapshotId undo_point = restore::find_undo(project.project(), project.store());
  project.write("file", "3");
  project.close_store();
  test::ChildProcess child([&] {
    project.open_store();
    const test::Meddling meddling(project, [](std::string_view stage) {
      if (stage == "putting in place") {
        ::kill(getpid(), SIGKILL);
      }
    });
    meddling.put_back(first);
  });
  REQUIRE(child.wait() == -1);
  project.open_store();

  CHECK(project.store().snapshots().front().trigger == "safety");
  CHECK(restore::find_undo(project.project(), project.store()) == undo_point);
  CHECK(project.read("file") == "3");
}
