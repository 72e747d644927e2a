#include "base/error.hpp"
#include "hash/sha256.hpp"
#include "store/store.hpp"
#include "support/catch.hpp"
#include "support/child_process.hpp"
#include "support/mounts.hpp"
#include "support/small_store.hpp"
#include "support/temporary_directory.hpp"

#include <array>
#include <filesystem>
#include <memory>

#include <unistd.h>

using namespace savepoint;
using namespace savepoint::store;
using savepoint::test::ChildProcess;
using savepoint::test::Mount;
using savepoint::test::noise;
using savepoint::test::note_manifest;
using savepoint::test::seal_text;
using savepoint::test::TemporaryDirectory;

namespace {

/// Lets a child say how far it is, byte by byte.
class Pipe {
public:
  Pipe() { REQUIRE(pipe(ends_.data()) == 0); }
  ~Pipe() {
    close(ends_[0]);
    close(ends_[1]);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void tell() const {
    const char byte = 'x';
    if (write(ends_[1], &byte, 1) != 1) {
      _exit(2);
    }
  }
  void await() const {
    char byte = 0;
    REQUIRE(read(ends_[0], &byte, 1) == 1);
  }

private:
  std::array<int, 2> ends_{};
};

// Every snapshot can be loaded, holds its chunk, and names the one before it.
void check_whole(const Store& store) {
  const std::vector<manifest::Summary> newest_first = store.snapshots();
  for (std::size_t index = 0; index < newest_first.size(); ++index) {
    CHECK(newest_first[index].sequence == newest_first.size() - index);
    const manifest::Manifest manifest = store.load(newest_first[index].id);
    CHECK(as_text(store.get(hash::sha256(as_bytes(manifest.note)))) == manifest.note);
    if (index + 1 < newest_first.size()) {
      CHECK(manifest.previous == newest_first[index + 1].id);
    } else {
      CHECK_FALSE(manifest.previous);
    }
  }
}

} // namespace

TEST_CASE("processes that seal at the same time all succeed, one after the other") {
  const TemporaryDirectory directory;
  const auto root = directory / "store";
  constexpr int k_processes = 4;
  constexpr int k_snapshots = 8;
  std::vector<std::unique_ptr<ChildProcess>> children;
  for (int number = 0; number < k_processes; ++number) {
    children.push_back(std::make_unique<ChildProcess>([&, number] {
      Store store = Store::open_or_create(root); // made by whoever comes first
      for (int count = 0; count < k_snapshots; ++count) {
        seal_text(store, "p" + std::to_string(number) + "s" + std::to_string(count));
        if (count == 4 && number == 0) {
          store.rebuild_catalog();
        }
        if (count == 4 && number == 1) {
          std::filesystem::remove(root / "catalog.db");
        }
      }
    }));
  }
  for (const auto& child : children) {
    CHECK(child->wait() == 0);
  }

  const Store store = Store::open(root, Access::shared);

  CHECK(store.snapshots().size() == k_processes * k_snapshots);
  check_whole(store);
}

TEST_CASE("a process killed while it fills a batch leaves the store as it was") {
  const TemporaryDirectory directory;
  const auto root = directory / "store";
  {
    Store store = Store::open_or_create(root);
    seal_text(store, "before");
  }
  for (const int progress : {1, 5, 20, 60}) {
    CAPTURE(progress);
    const Pipe pipe;
    ChildProcess child([&] {
      Store store = Store::open(root, Access::shared);
      Batch batch(store);
      const auto writer = batch.writer();
      for (std::uint64_t seed = 0;; ++seed) {
        writer->put(noise(k_largest_chunk, seed % 70), ChunkKind::data);
        pipe.tell();
      }
    });
    for (int step = 0; step < progress; ++step) {
      pipe.await();
    }
    child.kill_hard();

    Store store = Store::open(root, Access::shared);
    CHECK(store.snapshots().size() == 1);
    check_whole(store);
  }

  std::optional<Store> store(Store::open(root, Access::shared));
  seal_text(*store, "after");
  check_whole(*store);
  CHECK(std::distance(std::filesystem::directory_iterator(root / "scratch"), {}) == 1);
}

TEST_CASE("a process killed between two snapshots, or in the middle of one, harms none") {
  const TemporaryDirectory directory;
  const auto root = directory / "store";
  { static_cast<void>(Store::open_or_create(root)); }
  std::size_t sealed = 0;
  for (int round = 0; round < 12; ++round) {
    CAPTURE(round);
    const Pipe pipe;
    ChildProcess child([&] {
      Store store = Store::open(root, Access::shared);
      for (int count = 0;; ++count) {
        seal_text(store, "r" + std::to_string(round) + "c" + std::to_string(count));
        pipe.tell();
        if (count % 2 == 1) {
          test::mark(store, store.snapshots().front().id,
                     {.note = store.snapshots().front().marks.note, .tags = {}, .pinned = true});
        }
      }
    });
    for (int step = 0; step <= round % 4; ++step) {
      pipe.await();
      ++sealed;
    }
    child.kill_hard();

    const Store store = Store::open(root, Access::shared);
    CHECK(store.snapshots().size() >= sealed);
    sealed = store.snapshots().size();
    check_whole(store);
  }
}

TEST_CASE("a full disk is said to be full, and costs no older snapshot") {
  const TemporaryDirectory directory;
  const std::optional<Mount> mounted = Mount::memory(directory / "small", "6m");
  if (!mounted) {
    WARN("skipped: only root can mount");
    return;
  }
  const auto root = directory / "small/store";
  Store store = Store::open_or_create(root);
  seal_text(store, "before");

  const auto fill = [&] {
    Batch batch(store);
    const auto writer = batch.writer();
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      writer->put(noise(k_largest_chunk, seed), ChunkKind::data);
    }
    store.seal(batch, note_manifest("too much"));
  };
  CHECK_THROWS_AS(fill(), BusyError);
  CHECK(store.snapshots().size() == 1);
  check_whole(store);

  seal_text(store, "after"); // what could not be kept has been given back
  CHECK(store.snapshots().size() == 2);
  check_whole(store);
}

TEST_CASE("a disk without any room left is still good for reading") {
  const TemporaryDirectory directory;
  const std::optional<Mount> mounted = Mount::memory(directory / "small", "3m");
  if (!mounted) {
    WARN("skipped: only root can mount");
    return;
  }
  const auto root = directory / "small/store";
  {
    Store store = Store::open_or_create(root);
    seal_text(store, "before");
  }
  test::shell(directory.path(), "dd if=/dev/zero of=small/ballast bs=4096 || true");
  std::filesystem::remove(root / "catalog.db");
  test::shell(directory.path(), "dd if=/dev/zero of=small/ballast2 bs=4096 || true");

  Store store = Store::open(root, Access::shared);

  CHECK(store.snapshots().size() == 1);
  check_whole(store);
  CHECK_THROWS_AS(seal_text(store, "no"), BusyError);
  std::filesystem::remove(directory / "small/ballast");
  seal_text(store, "yes");
  CHECK(store.snapshots().size() == 2);
  CHECK(Store::open(root, Access::shared).snapshots().size() == 2);
}
