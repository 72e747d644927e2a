#include "base/error.hpp"
#include "support/catch.hpp"
#include "support/exact_state.hpp"
#include "support/restoring.hpp"
#include "support/sorted_lines.hpp"

using namespace savepoint;
using test::ExactState;
using test::ScratchProject;
using Strings = std::vector<std::string>;

namespace {

restore::Restored restore_to(ScratchProject& project, const manifest::Manifest& snapshot,
                             const std::filesystem::path& directory,
                             const restore::Request& request = {}) {
  return restore::restore_to(project.store(), snapshot, directory, request, project.context());
}

} // namespace

TEST_CASE("a project restored into a directory is an exact copy") {
  ScratchProject project;
  project.write("plain", "plain");
  project.sh("ln -s nowhere dangling; mkdir -p a/b; printf x > a/b/x; ln plain a/linked; mkfifo p; "
             "mkdir -m 500 closed; touch -d '1999-12-31 23:59:59.5Z' a/b/x a/b a plain .; "
             "setfattr -n user.a -v b plain; truncate -s 2M sparse");
  const manifest::Manifest snapshot = project.take();
  const bool exists = GENERATE(false, true);
  if (exists) {
    std::filesystem::create_directory(project.beside("copy"));
  }

  restore_to(project, snapshot, project.beside("copy"));

  CHECK(ExactState(project.beside("copy")) == ExactState(project.root()));
  CHECK(test::shell(project.beside(""), "ls -d copy*") == "copy\n");
}

TEST_CASE("a directory that is not empty is refused and left") {
  ScratchProject project;
  project.write("file", "1");
  const manifest::Manifest snapshot = project.take();
  test::write_file(project.beside("full") / "precious", "kept");

  CHECK_THROWS_AS(restore_to(project, snapshot, project.beside("full")), RefusedError);
  CHECK_THROWS_AS(restore_to(project, snapshot, project.beside("full") / "precious"), RefusedError);

  CHECK(test::read_file(project.beside("full") / "precious") == "kept");
}

TEST_CASE("what a killed restore left beside the directory is swept by the next") {
  ScratchProject project;
  project.write("file", "1");
  const manifest::Manifest snapshot = project.take();
  test::write_file(project.beside("copy.savepoint-partial-0123") / "half", "written");

  restore_to(project, snapshot, project.beside("copy"));

  CHECK(test::shell(project.beside(""), "ls -d copy*") == "copy\n");
}

TEST_CASE("databases and config come along into a new directory") {
  ScratchProject project(ScratchProject::Git::yes);
  project.write(".gitignore", ".env\ndata/\n");
  project.write(".env", "A=1\n");
  project.write("sub/.env", "B=1\n");
  project.sh("mkdir data; sqlite3 data/app.db 'CREATE TABLE t(a); INSERT INTO t VALUES (1)'");
  const manifest::Manifest snapshot = project.take();

  restore_to(project, snapshot, project.beside("copy"));

  const std::filesystem::path copy = project.beside("copy");
  CHECK(test::read_file(copy / ".env") == "A=1\n");
  CHECK(test::read_file(copy / "sub/.env") == "B=1\n");
  CHECK(test::shell(copy, "sqlite3 data/app.db 'SELECT count(*) FROM t'") == "1\n");
  CHECK_FALSE(fs::status(copy / ".git"));
}

TEST_CASE("only what is asked for goes into a new directory") {
  ScratchProject project;
  project.write("a/one", "1");
  project.write("a/two", "2");
  project.write("b", "3");
  const manifest::Manifest snapshot = project.take();
  restore::Request request;
  request.paths = {"a/two"};

  restore_to(project, snapshot, project.beside("copy"), request);

  CHECK(test::shell(project.beside("copy"), "find . | sort") == ".\n./a\n./a/two\n");
  request.paths = {"nothing"};
  CHECK_THROWS_AS(restore_to(project, snapshot, project.beside("other"), request), NotFoundError);
}

TEST_CASE("a preview names just what is made of it") {
  ScratchProject project(ScratchProject::Git::yes);
  project.write(".gitignore", ".env\ndata/\n");
  project.write(".env", "A=1\n");
  project.write("savepoint.json", R"({"databases": [{"name": "main", "path": "data/app.db"}]})");
  project.write("src/code", "1");
  project.sh("mkdir data empty; sqlite3 data/app.db 'CREATE TABLE t(a)'; ln src/code src/same");
  const manifest::Manifest snapshot = project.take();
  restore::Request request;
  request.only = project::Selection::parse(
      GENERATE("code,config,database", "config", "code", "database", "config,database:main"));
  request.paths =
      GENERATE(Strings{}, Strings{"."}, Strings{"src/same", "data", ".env", "savepoint.json"});
  request.partial = GENERATE(false, true);

  Strings planned;
  std::string told;
  std::size_t count = 0;
  const Strings missing =
      restore::preview_to(project.store(), snapshot, request,
                          [&](restore::PlannedChange&& change) { planned.push_back(change.path); });
  const restore::Restored restored =
      restore::restore_to(project.store(), snapshot, project.beside("copy"), request,
                          project.context(), [&](restore::PlannedChange&& change) {
                            CHECK(change.path == planned.at(count++));
                            told += (change.path == "main" ? "data/app.db" : change.path) + "\n";
                          });

  CHECK(missing == restored.missing);
  CHECK(planned.size() == count);
  CHECK(
      test::sorted_lines(told) ==
      test::sorted_lines(test::shell(project.beside("copy"), "find . ! -type d -printf '%P\\n'")));
}

TEST_CASE("what is damaged is named, and the rest is given when that is asked for") {
  ScratchProject project;
  project.write("a/good", "good content");
  project.write("c", "good");
  project.take(); // so that they lie in another pack than what is damaged
  project.sh("mkdir b; head -c 200000 /dev/urandom > b/bad");
  const manifest::Manifest snapshot = project.take();
  project.sh("p=$(find ../store/packs -size +150k); chmod 600 $p; printf '%064d' 0 | dd of=$p bs=1 "
             "seek=100000 conv=notrunc status=none");
  restore::Request partial;
  partial.partial = true;

  CHECK_THROWS_AS(restore_to(project, snapshot, project.beside("whole")), CorruptionError);
  const restore::Restored restored = restore_to(project, snapshot, project.beside("part"), partial);

  CHECK_FALSE(fs::status(project.beside("whole")));
  CHECK(test::read_file(project.beside("part") / "a/good") == "good content");
  CHECK(test::read_file(project.beside("part") / "c") == "good");
  CHECK(restored.missing == Strings{"b/bad"});
}

TEST_CASE("what was not asked for may be damaged") {
  ScratchProject project;
  project.write("b/beside", "1");
  project.take();
  project.sh("find ../store/packs -name '*.pack' > ../first-packs");
  project.write("a/one", "2");
  const manifest::Manifest snapshot = project.take();
  project.sh("for p in $(cat ../first-packs); do chmod 600 $p; "
             "head -c $(stat -c %s $p) /dev/zero | dd of=$p conv=notrunc status=none; done");
  restore::Request request;
  request.paths = {"a/one"};

  restore_to(project, snapshot, project.beside("copy"), request);

  CHECK(test::read_file(project.beside("copy") / "a/one") == "2");
  CHECK_THROWS_AS(restore_to(project, snapshot, project.beside("whole")), CorruptionError);
}
