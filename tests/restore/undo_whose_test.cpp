#include "base/error.hpp"
#include "store/reclaim.hpp"
#include "support/catch.hpp"
#include "support/restoring.hpp"

using namespace savepoint;
using test::put_back;
using test::ScratchProject;

namespace {

restore::Restored put_back_in(const std::filesystem::path& root, ScratchProject& project,
                              const manifest::Manifest& target) {
  const project::Project opened = project::Project::open(root, project.context());
  return restore::execute(opened, project.store(),
                          restore::make_plan(opened, project.store(), target, {}));
}

} // namespace

TEST_CASE("undo takes no restore of a copy of the project for its own") {
  ScratchProject project(ScratchProject::Git::yes);
  project.write("file", "then");
  const manifest::Manifest snapshot = project.take();
  const bool has_own = GENERATE(true, false);
  if (has_own) {
    project.write("file", "before");
    put_back(project, snapshot);
  }
  test::shell(project.beside(""), "cp -a project copy; printf of-the-copy > copy/file");
  put_back_in(project.beside("copy"), project, snapshot);
  REQUIRE(test::read_file(project.beside("copy") / "file") == "then");

  if (has_own) {
    test::undo(project);
    CHECK(project.read("file") == "before");
    test::undo(project);
    CHECK(project.read("file") == "then");
  } else {
    CHECK_THROWS_AS(test::undo(project), NotFoundError);
  }

  const project::Project copy = project::Project::open(project.beside("copy"), project.context());
  restore::execute(copy, project.store(), restore::make_undo(copy, project.store()));
  CHECK(test::read_file(project.beside("copy") / "file") == "of-the-copy");
}

TEST_CASE("a work tree knows its restores where it was moved to, and not those of one before it") {
  ScratchProject project(ScratchProject::Git::yes);
  project.write("file", "then");
  const manifest::Manifest snapshot = project.take();
  project.write("file", "now");
  put_back(project, snapshot);
  test::shell(project.beside(""), "mv project moved; cp -a moved project");
  project.write("file", "of another life");

  CHECK_THROWS_AS(test::undo(project), NotFoundError);
  CHECK(project.read("file") == "of another life");

  const project::Project moved = project::Project::open(project.beside("moved"), project.context());
  restore::execute(moved, project.store(), restore::make_undo(moved, project.store()));
  CHECK(test::read_file(project.beside("moved") / "file") == "now");
}

TEST_CASE("undo does not undo an older restore where the way back from the last one is gone") {
  ScratchProject project(ScratchProject::Git::yes);
  project.write("file", "then");
  const manifest::Manifest snapshot = project.take();
  for (const char* const text : {"first", "second"}) {
    project.write("file", text);
    put_back(project, snapshot);
  }
  const SnapshotId last = restore::find_undo(project.project(), project.store());
  project.close_store();
  {
    store::Store alone = store::Store::open(project.beside("store"), store::Access::exclusive);
    store::remove_snapshots(alone, {last}, project.context().clock->now());
  }
  project.open_store();

  CHECK_THROWS_AS(test::undo(project), NotFoundError);
  CHECK(project.read("file") == "then");

  project.write("file", "third");
  put_back(project, snapshot);
  test::undo(project);
  CHECK(project.read("file") == "third");
}

TEST_CASE("restores of a version that kept no list are undone as well") {
  ScratchProject project(ScratchProject::Git::yes);
  project.write("file", "then");
  const manifest::Manifest snapshot = project.take();
  project.write("file", "now");
  put_back(project, snapshot);
  test::shell(project.beside("store"), "rm restores/*");

  test::undo(project);

  CHECK(project.read("file") == "now");
}
