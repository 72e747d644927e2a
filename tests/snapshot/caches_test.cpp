#include "snapshot/snapshot.hpp"
#include "store/reclaim.hpp"
#include "store/tree.hpp"
#include "store/tree_diff.hpp"
#include "support/catch.hpp"
#include "support/scratch_project.hpp"
#include "support/test_project.hpp"

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

/// Takes a snapshot so much later that the caches are believed.
manifest::Manifest take_later(ScratchProject& project) {
  const test::ShiftedClock later(std::chrono::seconds(10));
  project::Context context = project.context();
  context.clock = &later;
  return snapshot::take(project::Project::open(project.root(), context), project.store(), {})
      .manifest;
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

TEST_CASE("what prune took is stored again, although the caches say that nothing changed") {
  ScratchProject project(ScratchProject::Git::yes);
  project.write("large", std::string(300'000, 'x') + "unlike any other");
  project.sh("sqlite3 app.db '" + std::string(k_database) + "'");
  const manifest::Manifest first = take_later(project);
  static_cast<void>(take_later(project));
  project.close_store();
  {
    store::Store store = store::Store::open(project.beside("store"), store::Access::exclusive);
    std::vector<SnapshotId> all;
    for (const manifest::Summary& summary : store.snapshots()) {
      all.push_back(summary.id);
    }
    store::remove_snapshots(store, all, Timestamp(std::chrono::seconds(2'000'000'000)));
    NoProgress progress;
    REQUIRE(store::reclaim(store, Cancellation(), progress).bytes_freed > 0);
  }
  project.open_store();

  const manifest::Manifest again = take_later(project);

  CHECK(again.state == first.state);
  std::size_t files = 0;
  store::walk_tree(project.store(), again.code->tree,
                   [&](const std::string&, const store::TreeEntry& entry, const auto*) {
                     files += entry.kind == store::EntryKind::file ? 1U : 0U;
                     CHECK(read_whole(project.store(), entry.content, entry.content.size).size() ==
                           entry.content.size);
                   });
  CHECK(files == 1);
  const manifest::DatabaseComponent& database = again.databases.at(0);
  CHECK(read_whole(project.store(), database.image, database.image.size).size() ==
        database.image.size);
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

TEST_CASE("a database that moved with its folder is recorded where it is now") {
  ScratchProject project;
  const auto configure = [&](const std::string& path) {
    project.write("savepoint.json",
                  R"({"databases": [{"name": "main", "path": ")" + path + R"("}]})");
  };
  project.sh("mkdir data; sqlite3 data/app.db '" + std::string(k_database) + "'");
  configure("data/app.db");
  REQUIRE(take_later(project).databases.at(0).path == "data/app.db");
  project.sh("mv data moved");
  configure("moved/app.db");

  const manifest::Manifest second = take_later(project);

  REQUIRE(second.databases.size() == 1);
  CHECK(second.databases[0].name == "main");
  CHECK(second.databases[0].path == "moved/app.db");
}
