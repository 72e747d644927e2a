#include "base/error.hpp"
#include "support/catch.hpp"
#include "support/restoring.hpp"

using namespace savepoint;
using test::planned;
using test::put_back;
using test::ScratchProject;
using Strings = std::vector<std::string>;

namespace {

restore::Request only_paths(Strings paths) {
  restore::Request request;
  request.paths = std::move(paths);
  return request;
}

} // namespace

TEST_CASE("a plan names every path that will change, and nothing changes by making it") {
  ScratchProject project;
  project.write("kept", "kept");
  project.write("gone", "gone");
  project.write("src/changed", "before");
  const manifest::Manifest snapshot = project.take();
  project.sh("rm gone; printf after > src/changed; printf new > src/new; chmod 600 kept");

  CHECK(planned(project, snapshot) ==
        Strings{"create gone", "metadata kept", "replace src/changed", "remove src/new"});

  CHECK(project.read("src/changed") == "after");
  CHECK(project.read("src/new") == "new");
  CHECK(project.store().snapshots().size() == 1);
}

TEST_CASE("only the paths asked for are restored") {
  ScratchProject project;
  project.write("a/one", "1");
  project.write("a/two", "2");
  project.write("ab", "3");
  const manifest::Manifest snapshot = project.take();
  project.sh("rm -r a ab");

  CHECK(planned(project, snapshot, only_paths({"a/one"})) == Strings{"create a", "create a/one"});
  CHECK(planned(project, snapshot, only_paths({"./a/"})) ==
        Strings{"create a", "create a/one", "create a/two"});
  put_back(project, snapshot, only_paths({"a/two"}));

  CHECK(project.read("a/two") == "2");
  CHECK_FALSE(project.has("a/one"));
  CHECK_FALSE(project.has("ab"));
}

TEST_CASE("a directory in which one path is restored gets its time back") {
  ScratchProject project;
  project.sh("mkdir a; printf 1 > a/one; printf 2 > a/two; touch -d '2020-02-02 02:02:02.5Z' a");
  const manifest::Manifest snapshot = project.take();
  project.sh("rm a/one");

  put_back(project, snapshot, only_paths({"a/one"}));

  CHECK(project.sh("TZ=UTC stat -c %y a") == "2020-02-02 02:02:02.500000000 +0000\n");
}

TEST_CASE("a path below what is now a file brings its directory back") {
  ScratchProject project;
  project.write("a/one", "1");
  const manifest::Manifest snapshot = project.take();
  project.sh("rm -r a; printf file > a");

  put_back(project, snapshot, only_paths({"a/one"}));

  CHECK(project.read("a/one") == "1");
}

TEST_CASE("a path that nobody knows is an error, and so is one outside the project") {
  ScratchProject project;
  project.write("file", "1");
  const manifest::Manifest snapshot = project.take();

  CHECK_THROWS_AS(planned(project, snapshot, only_paths({"no/such"})), NotFoundError);
  CHECK_THROWS_AS(planned(project, snapshot, only_paths({"../file"})), UsageError);
  CHECK_THROWS_AS(planned(project, snapshot, only_paths({"/etc/passwd"})), UsageError);
}

TEST_CASE("with keep-extra files that the snapshot does not have stay") {
  ScratchProject project;
  project.write("file", "1");
  const manifest::Manifest snapshot = project.take();
  project.write("file", "2");
  project.write("extra", "kept");
  restore::Request request;
  request.keep_extra = true;

  put_back(project, snapshot, request);

  CHECK(project.read("file") == "1");
  CHECK(project.read("extra") == "kept");
}

TEST_CASE("versions that differ from today's are named") {
  ScratchProject project;
  project.write("savepoint.json", R"({"versions": {"app": "version.txt"}})");
  project.write("version.txt", "1.0\n");
  const manifest::Manifest snapshot = project.take();
  project.write("version.txt", "2.0\n");

  const project::Project opened = project.project();
  const restore::Plan plan = restore::make_plan(opened, project.store(), snapshot, {});

  REQUIRE(plan.versions().size() == 1);
  CHECK(plan.versions()[0].label == "app");
  CHECK(plan.versions()[0].then == "1.0");
  CHECK(plan.versions()[0].now == "2.0");
}

TEST_CASE("a snapshot without code takes no code away") {
  ScratchProject project;
  project.write("file", "1");
  project.write(".env", "A=1\n");
  const manifest::Manifest snapshot = project.take("config");
  project.write("new", "2");
  restore::Request code;
  code.only = project::Selection::parse("code");

  CHECK(planned(project, snapshot).empty());
  CHECK_THROWS_AS(planned(project, snapshot, code), NotFoundError);
}
