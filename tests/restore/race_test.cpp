#include "base/error.hpp"
#include "hash/sha256.hpp"
#include "store/tree_diff.hpp"
#include "support/catch.hpp"
#include "support/restoring.hpp"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <thread>

#include <fcntl.h>

using namespace savepoint;
using test::ScratchProject;

namespace {

/// Makes `one` and `other` change places all the time, as long as it lives.
class Swapping {
public:
  Swapping(std::filesystem::path one, std::filesystem::path other)
      : thread_([one = std::move(one), other = std::move(other), this] {
          while (!done_) {
            swaps_ +=
                renameat2(AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(), RENAME_EXCHANGE) == 0
                    ? 1U
                    : 0U;
          }
          if (swaps_ % 2 != 0) {
            (void)renameat2(AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(), RENAME_EXCHANGE);
          }
        }) {}
  ~Swapping() {
    done_ = true;
    thread_.join();
  }
  Swapping(const Swapping&) = delete;
  Swapping& operator=(const Swapping&) = delete;

  [[nodiscard]] std::uint64_t swaps() const { return swaps_; }

private:
  std::atomic<bool> done_ = false;
  std::atomic<std::uint64_t> swaps_ = 0;
  std::thread thread_;
};

constexpr std::chrono::seconds k_long_enough{2};
constexpr std::string_view k_secret = "nobody asked for this";

/// A project in which `dir` and `deep/dir` keep becoming links to a directory outside.
struct Attacked {
  ScratchProject project;

  Attacked() {
    project.sh("mkdir -p dir/sub deep ../outside/sub; printf one > dir/file; printf two > "
               "dir/sub/file; ln -s file dir/link; printf kept > other; "
               "sqlite3 dir/app.db 'CREATE TABLE t(a); INSERT INTO t VALUES(1)'; cp -r dir deep");
    test::write_file(project.beside("outside") / "file", k_secret);
    test::write_file(project.beside("outside") / "sub/file", k_secret);
    project.sh(
        "sqlite3 ../outside/app.db 'CREATE TABLE s(secret); INSERT INTO s VALUES(2)'; "
        "ln -s \"$(realpath ../outside)\" ../swap1; ln -s \"$(realpath ../outside)\" ../swap2");
  }

  [[nodiscard]] std::string outside() const {
    return project.sh("cd ../outside && find . -printf '%p %m %s %T@ %i\\n' | sort; cat file "
                      "sub/file; sha256sum app.db");
  }
};

/// Everything that a snapshot holds of files.
void require_no_secret(const store::Store& store, const manifest::Manifest& snapshot) {
  const hash::Digest secret = hash::sha256(as_bytes(k_secret));
  store::walk_tree(store, snapshot.code->tree,
                   [&](const std::string& path, const store::TreeEntry& entry, const auto*) {
                     CAPTURE(path);
                     CHECK(entry.content.id != secret);
                   });
  for (const manifest::DatabaseComponent& database : snapshot.databases) {
    CAPTURE(database.name);
    CHECK(std::ranges::count(database.tables, "s", &manifest::Table::name) == 0);
  }
}

} // namespace

TEST_CASE("a directory that becomes a link while a snapshot reads it does not lead it outside") {
  Attacked attacked;
  ScratchProject& project = attacked.project;
  const std::string before = attacked.outside();
  std::vector<manifest::Manifest> taken;
  {
    const Swapping first(project / "dir", project.beside("swap1"));
    const Swapping second(project / "deep/dir", project.beside("swap2"));
    const auto end = std::chrono::steady_clock::now() + k_long_enough;
    while (taken.size() < 3 || std::chrono::steady_clock::now() < end) {
      taken.push_back(project.take());
    }
    CHECK(first.swaps() > taken.size());
  }

  for (const manifest::Manifest& snapshot : taken) {
    require_no_secret(project.store(), snapshot);
  }
  CHECK(attacked.outside() == before);
}

TEST_CASE("a directory that becomes a link while a restore writes does not lead it outside") {
  Attacked attacked;
  ScratchProject& project = attacked.project;
  const manifest::Manifest one = project.take();
  project.sh("for d in dir deep/dir; do printf 1 > $d/file; rm $d/sub/file; printf new > $d/new; "
             "sqlite3 $d/app.db 'INSERT INTO t VALUES(2)'; done");
  const manifest::Manifest other = project.take();
  const std::string before = attacked.outside();
  std::size_t attempts = 0;
  std::size_t refused = 0;
  {
    const Swapping first(project / "dir", project.beside("swap1"));
    const Swapping second(project / "deep/dir", project.beside("swap2"));
    const auto end = std::chrono::steady_clock::now() + k_long_enough;
    while (attempts < 4 || std::chrono::steady_clock::now() < end) {
      try {
        test::put_back(project, ++attempts % 2 == 0 ? one : other);
      } catch (const Error&) {
        ++refused;
      }
    }
  }

  CHECK(attacked.outside() == before);
  CAPTURE(attempts, refused);
  test::put_back(project, one); // whatever state it was left in
  CHECK(project.read("dir/file") == "one");
  CHECK(project.sh("sqlite3 deep/dir/app.db 'SELECT count(*) FROM t'") == "1\n");
}
