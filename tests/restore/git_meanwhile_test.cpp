#include "base/error.hpp"
#include "support/catch.hpp"
#include "support/restoring.hpp"

using namespace savepoint;
using test::ScratchProject;

TEST_CASE("a commit made between the plan of a restore with git and its end is noticed") {
  ScratchProject project(ScratchProject::Git::yes);
  project.sh("echo 1 > a && git add a && git commit -qm one && echo 1 > untracked");
  const manifest::Manifest snapshot = project.take();
  project.write("untracked", "2");
  std::string meanwhile;
  SECTION("where nothing of git had to change") {
    meanwhile = "git commit -q --allow-empty -m meanwhile";
  }
  SECTION("where only the index had to change") {
    project.sh("echo 2 > a && git add a");
    meanwhile = "git commit -q --allow-empty -m meanwhile";
  }
  SECTION("where the branch had to move") {
    project.sh("echo 2 > a && git commit -qam two");
    meanwhile = "git commit -q --allow-empty -m meanwhile";
  }
  SECTION("where HEAD is detached") {
    project.sh("git checkout -q --detach && git commit -q --allow-empty -m detached");
    meanwhile = "git commit -q --allow-empty -m meanwhile";
  }
  SECTION("and what is staged, too") {
    meanwhile = "echo 3 > b && git add b && rm b";
  }
  restore::Request request;
  request.git = true;
  const project::Project opened = project.project();
  restore::Plan plan = restore::make_plan(opened, project.store(), snapshot, request);
  project.sh(meanwhile);
  const std::string state = "cat .git/HEAD; git for-each-ref; git rev-parse HEAD; git status -s; "
                            "cat a untracked; ls -A .git | grep -e lock -e savepoint-r || true";
  const std::string before = project.sh(state);

  CHECK_THROWS_AS(restore::execute(opened, project.store(), std::move(plan)), BusyError);
  CHECK(project.sh(state) == before);

  test::put_back(project, snapshot, request);
  CHECK(project.sh("git log --format=%s") == "one\n");
  CHECK(project.read("untracked") == "1\n");
}
