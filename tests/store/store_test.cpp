#include "store/store.hpp"

#include "base/error.hpp"
#include "fs/line_log.hpp"
#include "support/catch.hpp"
#include "support/small_store.hpp"
#include "support/temporary_directory.hpp"

#include <atomic>
#include <filesystem>
#include <memory>
#include <thread>

#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

using namespace savepoint;
using namespace savepoint::store;
using savepoint::test::note_manifest;
using savepoint::test::seal_text;
using savepoint::test::TemporaryDirectory;

namespace {

mode_t mode_of(const std::filesystem::path& path) {
  struct stat status {};
  REQUIRE(lstat(path.c_str(), &status) == 0);
  return status.st_mode & 07777U;
}

std::string text_of(const Bytes& bytes) {
  return std::string(as_text(bytes));
}

} // namespace

TEST_CASE("a sealed snapshot is read back, with what was put into it") {
  const TemporaryDirectory directory;
  const auto root = directory / "store";
  std::optional<SnapshotId> id;
  hash::Digest chunk;
  {
    Store store = Store::open_or_create(root);
    Batch batch(store);
    chunk = batch.writer()->put(as_bytes("hello"), ChunkKind::data);
    id = store.seal(batch, note_manifest("first")).id;
  }

  const Store store = Store::open(root, Access::shared);

  CHECK(text_of(store.get(chunk)) == "hello");
  CHECK(store.load(*id).note == "first");
  REQUIRE(store.snapshots().size() == 1);
  CHECK(store.snapshots().front().id == *id);
}

TEST_CASE("snapshots are numbered, and each names the one before it") {
  const TemporaryDirectory directory;
  Store store = Store::open_or_create(directory / "store");

  const manifest::Manifest first = seal_text(store, "one");
  const manifest::Manifest second = seal_text(store, "two");

  CHECK(first.sequence == 1);
  CHECK_FALSE(first.previous);
  CHECK(second.sequence == 2);
  CHECK(second.previous == first.id);
  const auto listed = store.snapshots();
  REQUIRE(listed.size() == 2);
  CHECK(listed[0].id == *second.id);
  CHECK(listed[1].id == *first.id);
}

TEST_CASE("snapshots of the same moment get different ids") {
  const TemporaryDirectory directory;
  Store store = Store::open_or_create(directory / "store");

  const manifest::Manifest first = seal_text(store, "same");
  const manifest::Manifest second = seal_text(store, "same");

  CHECK(first.id != second.id);
  CHECK(store.snapshots().size() == 2);
}

TEST_CASE("nothing is visible of a batch that is not sealed") {
  const TemporaryDirectory directory;
  const auto root = directory / "store";
  hash::Digest chunk;
  {
    Store store = Store::open_or_create(root);
    Batch batch(store);
    chunk = batch.writer()->put(as_bytes("never sealed"), ChunkKind::data);
  }

  Store store = Store::open(root, Access::shared);

  CHECK(store.snapshots().empty());
  CHECK_FALSE(store.contains(chunk));
  CHECK_THROWS_AS(store.get(chunk), CorruptionError);
  CHECK(std::filesystem::is_empty(root / "manifests"));
}

TEST_CASE("a store is for its owner alone, whatever the umask") {
  const TemporaryDirectory directory;
  const auto root = directory / "store";
  const mode_t before = umask(GENERATE(0U, 0022U, 0077U));
  std::optional<Store> store(Store::open_or_create(root));
  seal_text(*store, "secret");
  test::mark(*store, store->snapshots().front().id, {.note = "n", .tags = {}, .pinned = true});
  umask(before);

  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    CAPTURE(entry.path());
    CHECK(mode_of(entry.path()) == (entry.is_directory() ? 0700U : 0600U));
  }
  CHECK(mode_of(root) == 0700U);
}

TEST_CASE("a store that others may write to, or that is another user's, is refused") {
  const TemporaryDirectory directory;
  const auto root = directory / "store";
  static_cast<void>(Store::open_or_create(root));

  SECTION("others may write") {
    REQUIRE(chmod(root.c_str(), 0770) == 0);
    CHECK_THROWS_AS(Store::open(root, Access::shared), RefusedError);
  }
  SECTION("another user's") {
    if (geteuid() != 0) {
      WARN("skipped: only root can become somebody else");
      return;
    }
    REQUIRE(chmod(directory.path().c_str(), 0755) == 0);
    REQUIRE(chmod(root.c_str(), 0755) == 0);
    REQUIRE(seteuid(65534) == 0);
    CHECK_THROWS_AS(Store::open(root, Access::shared), RefusedError);
    REQUIRE(seteuid(0) == 0);
  }
}

TEST_CASE("a store that root writes to stays its owner's") {
  if (geteuid() != 0) {
    WARN("skipped: only root can give a store away");
    return;
  }
  constexpr uid_t k_nobody = 65534;
  const TemporaryDirectory directory;
  const auto root = directory / "store";
  static_cast<void>(Store::open_or_create(root));
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    REQUIRE(chown(entry.path().c_str(), k_nobody, k_nobody) == 0);
  }
  REQUIRE(chown(root.c_str(), k_nobody, k_nobody) == 0);
  std::filesystem::remove(root / "lock");
  std::filesystem::remove(root / "catalog.db");

  {
    Store store = Store::open(root, Access::shared);
    seal_text(store, "by root");
    store.change_marks(store.snapshots().front().id,
                       [](manifest::Marks& marks) { marks.pinned = true; });
    fs::LineLog(root / "log" / "savepoint.log").append("a line\n");
  }

  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    CAPTURE(entry.path());
    struct stat status {};
    REQUIRE(lstat(entry.path().c_str(), &status) == 0);
    CHECK(status.st_uid == k_nobody);
    CHECK(status.st_gid == k_nobody);
  }
}

TEST_CASE("where there is no store, opening says so and makes none") {
  const TemporaryDirectory directory;

  CHECK_THROWS_AS(Store::open(directory / "none", Access::shared), NotFoundError);
  CHECK_FALSE(Store::exists(directory / "none"));
  CHECK_FALSE(std::filesystem::exists(directory / "none"));
}

TEST_CASE("no store is made among somebody's files") {
  const TemporaryDirectory directory;
  test::write_file(directory / "photos/cat.jpg", "meow");

  CHECK_THROWS_AS(Store::open_or_create(directory / "photos"), RefusedError);
  CHECK(std::distance(std::filesystem::directory_iterator(directory / "photos"), {}) == 1);
}

TEST_CASE("making a store that was cut short is finished the next time") {
  const TemporaryDirectory directory;
  const auto root = directory / "store";
  static_cast<void>(Store::open_or_create(root));
  std::filesystem::remove(root / "store.json");
  std::filesystem::remove(root / "marks");

  Store store = Store::open_or_create(root);

  seal_text(store, "works");
  CHECK(store.snapshots().size() == 1);
}

TEST_CASE("a store of a newer format is refused, and the message says why") {
  const TemporaryDirectory directory;
  const auto root = directory / "store";
  static_cast<void>(Store::open_or_create(root));
  const std::string header = test::read_file(root / "store.json");
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string changed = header;
    const std::size_t at = changed.find(from);
    REQUIRE(at != std::string::npos);
    test::write_file(root / "store.json", changed.replace(at, from.size(), to));
  };

  SECTION("a newer version") {
    with("\"version\": 1", "\"version\": 2");
    CHECK_THROWS_WITH(Store::open(root, Access::shared), Catch::Contains("version 2"));
    CHECK_THROWS_AS(Store::open(root, Access::shared), NotFoundError);
  }
  SECTION("a feature needed for reading") {
    with("\"read\": [", "\"read\": [\"encryption\",");
    CHECK_THROWS_WITH(Store::open(root, Access::shared), Catch::Contains("encryption"));
    CHECK_THROWS_AS(Store::open(root, Access::shared), NotFoundError);
  }
  SECTION("a feature needed for writing leaves reading alone") {
    with("\"write\": [", "\"write\": [\"parity\",");
    Store store = Store::open(root, Access::shared);
    CHECK(store.snapshots().empty());
    CHECK_THROWS_AS(Batch(store), NotFoundError);
  }
  SECTION("garbage") {
    test::write_file(root / "store.json", "not json");
    CHECK_THROWS_AS(Store::open(root, Access::shared), CorruptionError);
  }
}

TEST_CASE("notes, tags and pins change without touching the manifest") {
  const TemporaryDirectory directory;
  const auto root = directory / "store";
  Store store = Store::open_or_create(root);
  const SnapshotId id = *seal_text(store, "kept").id;
  const std::string manifest = test::read_file(root / "manifests" / (id.text() + ".json"));
  CHECK(store.marks(id).note == "kept");

  test::mark(store, id, {.note = "new", .tags = {"b", "a", "b"}, .pinned = true});

  CHECK(store.marks(id).note == "new");
  CHECK(store.marks(id).tags == std::vector<std::string>{"a", "b"});
  CHECK(store.snapshots().front().marks.pinned);
  CHECK(store.snapshots().front().marks.tags == std::vector<std::string>{"a", "b"});
  CHECK(test::read_file(root / "manifests" / (id.text() + ".json")) == manifest);
}

TEST_CASE("marks of a snapshot that does not exist are refused") {
  const TemporaryDirectory directory;
  Store store = Store::open_or_create(directory / "store");
  const SnapshotId id = *SnapshotId::parse("20260101-000000-abcd");

  CHECK_THROWS_AS(test::mark(store, id, {}), NotFoundError);
  CHECK_THROWS_AS(store.marks(id), NotFoundError);
  CHECK_THROWS_AS(store.load(id), NotFoundError);
  CHECK_FALSE(store.has_snapshot(id));
}

TEST_CASE("reclaiming waits for everybody else, and they for it") {
  const TemporaryDirectory directory;
  const auto root = directory / "store";
  std::optional<Store> one(Store::open_or_create(root));
  constexpr std::chrono::milliseconds k_not_at_all{0};

  CHECK_NOTHROW(Store::open(root, Access::shared, k_not_at_all));
  CHECK_THROWS_AS(Store::open(root, Access::exclusive, k_not_at_all), BusyError);

  one.reset();
  const Store alone = Store::open(root, Access::exclusive, k_not_at_all);
  CHECK_THROWS_AS(Store::open(root, Access::shared, k_not_at_all), BusyError);
}

TEST_CASE("who wants the store alone gets its turn, though others keep coming") {
  const TemporaryDirectory place;
  static_cast<void>(store::Store::open_or_create(place / "store"));
  const auto come = [&] {
    return std::make_unique<store::Store>(
        store::Store::open(place / "store", Access::shared, std::chrono::milliseconds(200)));
  };
  std::unique_ptr<store::Store> here = come();
  std::atomic<bool> is_over = false;
  std::thread others([&] {
    while (!is_over) {
      try {
        here = come(); // the next one is there before the last one goes
      } catch (const BusyError&) {
        here.reset();
        return;
      }
    }
  });

  bool had_its_turn = true;
  try {
    static_cast<void>(
        store::Store::open(place / "store", Access::exclusive, std::chrono::seconds(3)));
  } catch (const BusyError&) {
    had_its_turn = false;
  }
  is_over = true;
  others.join();

  CHECK(had_its_turn);
}

TEST_CASE("opening a store costs nothing and leaves nothing behind") {
  const TemporaryDirectory directory;
  const auto root = directory / "store";
  static_cast<void>(Store::open_or_create(root));

  { const Store store = Store::open(root, Access::shared); }

  CHECK_FALSE(std::filesystem::exists(root / "catalog.db"));
  CHECK(std::filesystem::is_empty(root / "scratch"));
}

TEST_CASE("scratch files vanish with the store, and those of dead processes with the next writer") {
  const TemporaryDirectory directory;
  const auto root = directory / "store";
  static_cast<void>(Store::open_or_create(root));
  test::write_file(root / "scratch/dead/pack", "left by somebody who was killed");
  test::write_file(root / "scratch/loose", "so was this");
  std::optional<Store> living(Store::open(root, Access::shared));
  const auto living_scratch = living->scratch_directory();
  test::write_file(living_scratch / "mine", "still needed");

  {
    const Store store = Store::open(root, Access::shared);
    CHECK(store.scratch_directory() != living_scratch);
    CHECK(std::filesystem::exists(living_scratch / "mine"));
  }

  CHECK_FALSE(std::filesystem::exists(root / "scratch/dead"));
  CHECK_FALSE(std::filesystem::exists(root / "scratch/loose"));
  living.reset();
  CHECK(std::filesystem::is_empty(root / "scratch"));
}

TEST_CASE("a damaged manifest is never loaded, whichever byte is wrong") {
  const TemporaryDirectory directory;
  const auto root = directory / "store";
  Store store = Store::open_or_create(root);
  const SnapshotId id = *seal_text(store, "whole").id;
  const auto path = root / "manifests" / (id.text() + ".json");
  const std::string whole = test::read_file(path);

  for (std::size_t offset = 0; offset < whole.size(); ++offset) {
    CAPTURE(offset);
    std::string damaged = whole;
    damaged[offset] = static_cast<char>(damaged[offset] ^ 0x01);
    test::write_file(path, damaged);
    try {
      static_cast<void>(store.load(id));
      FAIL("loaded a damaged manifest");
    } catch (const Error& error) {
      CHECK((error.exit_code() == ExitCode::corrupt || error.exit_code() == ExitCode::not_found));
    }
  }
}

TEST_CASE("the size of a store is that of its packs and manifests") {
  const TemporaryDirectory directory;
  const auto root = directory / "store";
  Store store = Store::open_or_create(root);
  CHECK(store.size_in_bytes() == 0);

  const manifest::Manifest sealed = seal_text(store, "some bytes");

  const auto manifest = root / "manifests" / (sealed.id->text() + ".json");
  CHECK(store.size_in_bytes() == sealed.bytes_added + std::filesystem::file_size(manifest));
  CHECK(sealed.bytes_added > 0);
}
