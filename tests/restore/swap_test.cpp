#include "base/error.hpp"
#include "support/catch.hpp"
#include "support/exact_state.hpp"
#include "support/restoring.hpp"
#include "support/unprivileged.hpp"

#include <unistd.h>

using namespace savepoint;
using test::ExactState;
using test::put_back;
using test::ScratchProject;

TEST_CASE("a directory of somebody else keeps its time, and is in nobody's way") {
  if (geteuid() != 0) { // only root can give a directory to somebody else
    return;
  }
  ScratchProject project;
  project.write("file", "then");
  project.write("uploads/.keep", "");
  project.sh("chown -R 12345 uploads");
  const manifest::Manifest snapshot = project.take();
  project.sh("touch -d 2001-01-01 uploads");
  const bool differs_otherwise = GENERATE(true, false);
  project.write("file", differs_otherwise ? "now" : "then");

  {
    const test::Unprivileged unprivileged;
    put_back(project, snapshot);
  }

  CHECK(project.read("file") == "then");
  CHECK(project.sh("stat -c %y uploads").starts_with("2001-01-01"));
}

TEST_CASE("a restore that fails in the middle leaves the project as it was") {
  ScratchProject project;
  if (!test::can_obstruct(project)) {
    return;
  }
  project.write("a_replaced", "then");
  project.write("b_missing/file", "then");
  project.write("c_mode", "same");
  project.write("d_kind", "file");
  project.sh("mkdir e_dir; printf x > e_dir/x; ln a_replaced h_linked");
  const manifest::Manifest snapshot = project.take();
  project.sh("rm -r b_missing h_linked d_kind; mkdir -p d_kind/sub; printf y > d_kind/sub/y; "
             "printf now > a_replaced; chmod 600 c_mode; rm -r e_dir; ln -s / e_dir; "
             "mkdir f_new; printf n > f_new/n; chmod 500 f_new");
  const std::string obstacle =
      GENERATE("a_replaced", "c_mode", "d_kind/sub/y", "d_kind", "f_new/n", "f_new", ".");
  CAPTURE(obstacle);
  if (obstacle == ".") {
    // The staging directory itself cannot be made.
    project.sh("chattr +i .");
  } else {
    project.sh("chattr +i " + obstacle);
  }
  const ExactState before(project.root());

  try {
    put_back(project, snapshot);
    FAIL("an immutable file was changed");
  } catch (const Error& error) {
    CHECK(error.changed() == Changed::no);
  }
  project.sh("chattr -i " + obstacle);

  CHECK(ExactState(project.root()) == before);
  CHECK_FALSE(test::has_leftovers(project));
  put_back(project, snapshot);
  CHECK(project.read("b_missing/file") == "then");
}

TEST_CASE("a restore that is taken back leaves directories as read-only as they were") {
  ScratchProject project(ScratchProject::Git::yes);
  project.write("tracked", "1");
  project.write("kept/file", "same");
  project.write("changed/file", "then");
  project.sh("git add . && git commit -qm one");
  const manifest::Manifest snapshot = project.take();
  project.write("changed/file", "now");
  project.sh("mkdir new; printf n > new/n; chmod 555 kept changed new");
  restore::Request request;
  request.git = true;
  const project::Project opened = project.project();
  restore::Plan plan = restore::make_plan(opened, project.store(), snapshot, request);
  project.sh("git commit -q --allow-empty -m meanwhile");
  const ExactState before(project.root());
  const auto execute = [&] { return restore::execute(opened, project.store(), std::move(plan)); };

  if (GENERATE(true, false)) {
    CHECK_THROWS_AS(execute(), BusyError);
  } else {
    const test::Unprivileged unprivileged;
    CHECK_THROWS_AS(execute(), BusyError);
  }

  CHECK(ExactState(project.root()) == before);
}

TEST_CASE("a file that changes after the plan was made stops the restore") {
  ScratchProject project;
  project.write("file", "then");
  project.write("other", "then");
  const manifest::Manifest snapshot = project.take();
  project.sh("printf now > file; printf now > other; printf x > extra");
  const project::Project opened = project.project();
  restore::Plan plan = restore::make_plan(opened, project.store(), snapshot, {});
  const std::string meanwhile =
      GENERATE("printf newer > file", "rm file", "rm file; mkdir file", "printf newer > extra",
               "printf new > file; touch -r other file");
  CAPTURE(meanwhile);
  project.sh(meanwhile);
  const ExactState before(project.root());

  CHECK_THROWS_AS(restore::execute(opened, project.store(), std::move(plan)), BusyError);

  CHECK(ExactState(project.root()) == before);
  CHECK_FALSE(test::has_leftovers(project));
}

TEST_CASE("a file that appears after the plan was made is not overwritten") {
  ScratchProject project;
  project.write("file", "then");
  const manifest::Manifest snapshot = project.take();
  project.sh("rm file");
  const project::Project opened = project.project();
  restore::Plan plan = restore::make_plan(opened, project.store(), snapshot, {});
  project.write("file", "written by an editor");

  CHECK_THROWS_AS(restore::execute(opened, project.store(), std::move(plan)), BusyError);

  CHECK(project.read("file") == "written by an editor");
}

TEST_CASE("what a killed restore left is swept by the next") {
  ScratchProject project;
  project.write("file", "then");
  const manifest::Manifest snapshot = project.take();
  project.write("file", "now");
  project.write(".savepoint-restore-0123/0/1", "staged once");

  put_back(project, snapshot);

  CHECK_FALSE(test::has_leftovers(project));
}

TEST_CASE("a restore that is cancelled changes nothing") {
  ScratchProject project;
  project.write("file", "then");
  const manifest::Manifest snapshot = project.take();
  project.write("file", "now");
  const project::Project opened = project.project();
  restore::Plan plan = restore::make_plan(opened, project.store(), snapshot, {});
  project.cancellation.request();

  CHECK_THROWS_AS(restore::execute(opened, project.store(), std::move(plan)), Cancelled);

  CHECK(project.read("file") == "now");
  CHECK_FALSE(test::has_leftovers(project));
}
