#include "base/error.hpp"
#include "support/catch.hpp"
#include "support/exact_state.hpp"
#include "support/restoring.hpp"

#include "support/child_process.hpp"

#include <fcntl.h>

using namespace savepoint;
using test::put_back;
using test::ScratchProject;
using Strings = std::vector<std::string>;

namespace {

void make_database(const ScratchProject& project, const std::string& path) {
  project.sh("mkdir -p \"$(dirname " + path + ")\" && sqlite3 " + path +
             " 'CREATE TABLE t(a); INSERT INTO t VALUES (1), (2), (3);'");
}

std::string count(const ScratchProject& project, const std::string& path) {
  return project.sh("sqlite3 " + path + " 'SELECT count(*) FROM t'");
}

} // namespace

TEST_CASE("a database comes back with the code, and undo brings the newer state back") {
  ScratchProject project;
  make_database(project, "app.db");
  project.write("file", "then");
  const manifest::Manifest snapshot = project.take();
  project.sh("sqlite3 app.db 'DELETE FROM t WHERE a > 1'; printf now > file");

  const restore::Restored restored = put_back(project, snapshot);
  CHECK(test::listed(restored.changes) == Strings{"replace file", "database app.db"});
  CHECK(count(project, "app.db") == "3\n");
  test::undo(project);
  CHECK(count(project, "app.db") == "1\n");

  CHECK(project.read("file") == "now");
  CHECK_FALSE(test::has_leftovers(project));
}

TEST_CASE("an unchanged database is not restored") {
  ScratchProject project;
  make_database(project, "app.db");
  project.write("file", "then");
  const manifest::Manifest snapshot = project.take();
  project.write("file", "now");

  CHECK(test::planned(project, snapshot) == Strings{"replace file"});
}

TEST_CASE("a database is chosen by --only and by its path") {
  ScratchProject project;
  make_database(project, "data/one.db");
  make_database(project, "data/two.db");
  project.write("file", "then");
  const manifest::Manifest snapshot = project.take();
  project.sh("sqlite3 data/one.db 'DELETE FROM t'; sqlite3 data/two.db 'DELETE FROM t'");
  project.write("file", "now");
  restore::Request by_name;
  by_name.only = project::Selection::parse("database:data/one.db");
  restore::Request by_path;
  by_path.paths = {"data/two.db"};

  CHECK(test::planned(project, snapshot, by_name) == Strings{"database data/one.db"});
  put_back(project, snapshot, by_path);

  CHECK(count(project, "data/one.db") == "0\n");
  CHECK(count(project, "data/two.db") == "3\n");
  CHECK(project.read("file") == "now");
}

TEST_CASE("a database that the snapshot does not have is left alone") {
  ScratchProject project;
  project.write("file", "then");
  const manifest::Manifest snapshot = project.take();
  make_database(project, "new/app.db");
  project.write("file", "now");

  put_back(project, snapshot);

  CHECK(count(project, "new/app.db") == "3\n");
}

TEST_CASE("a database comes back with the directories that held it") {
  ScratchProject project;
  make_database(project, "data/deep/app.db");
  const manifest::Manifest snapshot = project.take();
  const std::string damage = GENERATE(
      "rm -r data", "rm data/deep/app.db", "rm -r data; printf file > data",
      "rm -r data; ln -s / data", "rm data/deep/app.db; ln -s /etc/passwd data/deep/app.db",
      "printf 'not a database' > data/deep/app.db", "rm data/deep/app.db; mkdir data/deep/app.db");
  CAPTURE(damage);
  project.sh(damage);

  put_back(project, snapshot);

  CHECK(count(project, "data/deep/app.db") == "3\n");
  CHECK(test::planned(project, snapshot).empty());
  CHECK_FALSE(test::has_leftovers(project));
}

TEST_CASE("a broken database that nothing has saved is not overwritten") {
  ScratchProject project(ScratchProject::Git::yes);
  project.write(".gitignore", "*.db\n");
  make_database(project, "app.db");
  project.write("file", "then");
  const manifest::Manifest snapshot = project.take();
  project.write("app.db", "no header, and ignored by git");
  project.write("file", "now");

  CHECK_THROWS_AS(put_back(project, snapshot), RefusedError);
  CHECK(project.read("app.db") == "no header, and ignored by git");
  CHECK(project.read("file") == "now");

  project.sh("rm app.db");
  put_back(project, snapshot);
  CHECK(count(project, "app.db") == "3\n");
}

TEST_CASE("when files cannot be put in place, databases are put back") {
  ScratchProject project;
  if (!test::can_obstruct(project)) {
    return;
  }
  make_database(project, "app.db");
  project.write("a", "then");
  project.write("z", "then");
  const manifest::Manifest snapshot = project.take();
  project.sh("sqlite3 app.db 'DELETE FROM t'; printf now > a; printf now > z; chattr +i z");
  const test::ExactState before(project.root());

  CHECK_THROWS_AS(put_back(project, snapshot), IoError);
  project.sh("chattr -i z");

  CHECK(count(project, "app.db") == "0\n");
  CHECK(test::ExactState(project.root()) == before);
  CHECK_FALSE(test::has_leftovers(project));
}
