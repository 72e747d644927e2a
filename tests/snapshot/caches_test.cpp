#include "snapshot/snapshot.hpp"
#include "support/catch.hpp"
#include "support/scratch_project.hpp"

#include <fstream>

using namespace savepoint;
using test::ScratchProject;

namespace {

constexpr std::string_view k_database = "CREATE TABLE t(a); INSERT INTO t VALUES(1);";

/// Makes it impossible to read or write any cache of the store.
void block_caches(const ScratchProject& project) {
  std::filesystem::rename(project.beside("store/cache"), project.beside("cache away"));
  test::write_file(project.beside("store/cache"), "no directory");
}

void unblock_caches(const ScratchProject& project) {
  std::filesystem::remove(project.beside("store/cache"));
  std::filesystem::rename(project.beside("cache away"), project.beside("store/cache"));
}

} // namespace

TEST_CASE("a snapshot succeeds although its caches cannot be written") {
  ScratchProject project(ScratchProject::Git::yes);
  project.write("a", "1");
  project.sh("sqlite3 app.db '" + std::string(k_database) + "'");
  const manifest::Manifest first = project.take();
  project.write("a", "22");
  project.sh("sqlite3 app.db 'INSERT INTO t VALUES(2)'");

  block_caches(project);
  const manifest::Manifest second = project.take();
  const manifest::Manifest third = project.take();
  unblock_caches(project);

  CHECK(second.state != first.state);
  CHECK(third.state == second.state);
  CHECK(project.take().state == second.state); // the old caches are still there, and old
}

TEST_CASE("a cache too large for the disk fails no snapshot") {
  ScratchProject project(ScratchProject::Git::yes);
  // Enough names for the cache to be written in pieces while the project is still walked.
  project.sh("mkdir d && cd d && seq -f 'f%06.0f' 12000 | xargs touch");
  const std::filesystem::path cache = project.beside("store/cache");
  std::filesystem::remove_all(cache);
  test::write_file(cache, "no directory");

  const manifest::Manifest taken = project.take();

  CHECK(taken.id);
  CHECK(taken.code->files == 12000);
}
