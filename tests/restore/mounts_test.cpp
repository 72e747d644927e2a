#include "support/catch.hpp"
#include "support/exact_state.hpp"
#include "support/mounts.hpp"
#include "support/restoring.hpp"

using namespace savepoint;
using test::ExactState;
using test::Mount;
using test::put_back;
using test::ScratchProject;

TEST_CASE("files on another mount are restored, whether it is another file system or the same") {
  ScratchProject project;
  const bool is_same_file_system = GENERATE(true, false);
  std::filesystem::create_directories(project.beside("volume"));
  const std::optional<Mount> mounted =
      is_same_file_system ? Mount::again(project.beside("volume"), project / "data")
                          : Mount::memory(project / "data", "4m");
  if (!mounted) {
    WARN("skipped: only root can mount something");
    return;
  }
  project.write("file", "then");
  project.write("data/kept/changed", "then");
  project.write("data/gone", "then");
  project.sh("sqlite3 data/app.db 'CREATE TABLE t(x); INSERT INTO t VALUES(1)'");
  const manifest::Manifest snapshot = project.take();
  const ExactState then(project.root());
  project.sh("printf now > file; printf now > data/kept/changed; rm data/gone; "
             "mkdir -p data/new/deep; printf x > data/new/deep/file; ln -s x data/new/link; "
             "sqlite3 data/app.db 'UPDATE t SET x = 2'");
  const ExactState now(project.root());

  put_back(project, snapshot);

  CHECK(ExactState(project.root()) == then);
  CHECK_FALSE(test::has_leftovers(project));
  CHECK(project.sh("sqlite3 data/app.db 'SELECT x FROM t'") == "1\n");
  test::undo(project);
  CHECK(ExactState(project.root()) == now);
  CHECK_FALSE(test::has_leftovers(project));
}
