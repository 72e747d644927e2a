#include "base/error.hpp"
#include "hash/sha256.hpp"
#include "sqlite/connection.hpp"
#include "store/store.hpp"
#include "support/catch.hpp"
#include "support/mounts.hpp"
#include "support/small_store.hpp"
#include "support/temporary_directory.hpp"

#include <filesystem>

using namespace savepoint;
using namespace savepoint::store;
using savepoint::test::Mount;
using savepoint::test::note_manifest;
using savepoint::test::seal_text;
using savepoint::test::TemporaryDirectory;

namespace {

std::vector<std::string> notes_of(const Store& store) {
  std::vector<std::string> notes;
  for (const manifest::Summary& summary : store.snapshots()) {
    notes.push_back(summary.marks.note);
  }
  return notes;
}

bool holds(const Store& store, std::string_view text) {
  return store.contains(hash::sha256(as_bytes(text))) &&
         as_text(store.get(hash::sha256(as_bytes(text)))) == text;
}

void copy_over(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::filesystem::copy(from, to,
                        std::filesystem::copy_options::recursive |
                            std::filesystem::copy_options::overwrite_existing);
}

} // namespace

TEST_CASE("whatever happens to the catalog, the answers are the same") {
  const TemporaryDirectory directory;
  const auto root = directory / "store";
  const auto catalog = root / "catalog.db";
  std::string older;
  {
    Store store = Store::open_or_create(root);
    seal_text(store, "one");
    older = test::read_file(catalog);
    const SnapshotId two = *seal_text(store, "two").id;
    seal_text(store, "three");
    test::mark(store, two, {.note = "second", .tags = {"t"}, .pinned = true});
  }
  const std::string current = test::read_file(catalog);

  SECTION("deleted") {
    std::filesystem::remove(catalog);
  }
  SECTION("empty") {
    test::write_file(catalog, "");
  }
  SECTION("garbage") {
    test::write_file(catalog, std::string(9000, 'x'));
  }
  SECTION("cut short") {
    test::write_file(catalog, current.substr(0, current.size() / 2));
  }
  SECTION("an older copy") {
    test::write_file(catalog, older);
  }
  SECTION("of another store") {
    Store other = Store::open_or_create(directory / "other");
    seal_text(other, "foreign");
    test::write_file(catalog, test::read_file(directory / "other/catalog.db"));
  }
  SECTION("a directory") {
    std::filesystem::remove(catalog);
    std::filesystem::create_directory(catalog);
  }
  SECTION("with the journal of another") {
    std::filesystem::remove(catalog);
    test::write_file(root / "catalog.db-journal", older);
  }

  Store store = Store::open(root, Access::shared);
  CHECK(notes_of(store) == std::vector<std::string>{"three", "second", "one"});
  CHECK(store.snapshots()[1].marks.pinned);
  CHECK(holds(store, "one"));
  CHECK(holds(store, "three"));
  const manifest::Manifest four = seal_text(store, "four");
  CHECK(four.sequence == 4);
  CHECK(notes_of(store).front() == "four");
}

TEST_CASE("a catalog cut short anywhere is made anew") {
  const TemporaryDirectory directory;
  const auto root = directory / "store";
  const auto catalog = root / "catalog.db";
  {
    Store store = Store::open_or_create(root);
    seal_text(store, "one");
    seal_text(store, "two");
  }
  const std::string whole = test::read_file(catalog);

  for (std::size_t length = 0; length < whole.size(); length += 1021) {
    CAPTURE(length);
    test::write_file(catalog, whole.substr(0, length));
    Store store = Store::open(root, Access::shared);
    CHECK(notes_of(store) == std::vector<std::string>{"two", "one"});
    CHECK(holds(store, "one"));
  }
}

TEST_CASE("a damaged catalog gives no wrong bytes and hides no sealed snapshot") {
  const TemporaryDirectory directory;
  const auto root = directory / "store";
  const auto catalog = root / "catalog.db";
  {
    Store store = Store::open_or_create(root);
    seal_text(store, "one");
    seal_text(store, "two");
  }
  const std::string whole = test::read_file(catalog);

  for (std::size_t page = 0; page < whole.size(); page += 4096) {
    CAPTURE(page);
    std::string damaged = whole;
    damaged.replace(page, 4096, std::string(4096, '\xa5'));
    test::write_file(catalog, damaged);
    Store store = Store::open(root, Access::shared);
    CHECK(notes_of(store).size() == 2);
    CHECK(as_text(store.get(hash::sha256(as_bytes("one")))) == "one");
  }
}

TEST_CASE("snapshots that the catalog lost or changed are seen as their manifests have them") {
  const TemporaryDirectory directory;
  const auto root = directory / "store";
  {
    Store store = Store::open_or_create(root);
    seal_text(store, "one");
    seal_text(store, "two");
  }
  const auto change = [&](const std::string& sql) {
    sqlite::Connection(root / "catalog.db", sqlite::OpenMode::read_write).execute(sql);
  };
  SECTION("the newest lost") {
    change("DELETE FROM snapshots WHERE sequence = 2");
  }
  SECTION("another lost") {
    change("DELETE FROM snapshots WHERE sequence = 1");
  }
  SECTION("all lost") {
    change("DELETE FROM snapshots");
  }
  SECTION("one changed") {
    change("UPDATE snapshots SET summary = zeroblob(80)");
  }
  SECTION("order changed") {
    change("UPDATE snapshots SET sequence = 9 WHERE sequence = 1");
  }
  SECTION("chunks lost") {
    change("DELETE FROM chunks");
  }
  SECTION("packs confused") {
    change("UPDATE chunks SET pack = 3 - pack");
  }
  SECTION("tables lost") {
    change("DROP TABLE chunks; DROP TABLE packs");
  }

  Store store = Store::open(root, Access::shared);
  const auto newest = store.find_newest([](const manifest::Summary&) { return true; });
  REQUIRE(newest);
  CHECK(newest->marks.note == "two");
  CHECK(as_text(store.get(hash::sha256(as_bytes("one")))) == "one");
  CHECK(seal_text(store, "three").sequence == 3);
  CHECK(notes_of(store) == std::vector<std::string>{"three", "two", "one"});
  CHECK(holds(store, "two"));
}

TEST_CASE("rebuilding says how many snapshots there are") {
  const TemporaryDirectory directory;
  const auto root = directory / "store";
  Store store = Store::open_or_create(root);
  CHECK(store.rebuild_catalog() == 0);
  seal_text(store, "one");
  seal_text(store, "two");

  CHECK(store.rebuild_catalog() == 2);
  CHECK(notes_of(store) == std::vector<std::string>{"two", "one"});
  CHECK(holds(store, "two"));
}

TEST_CASE("a snapshot that another process brought is noticed by an open store") {
  const TemporaryDirectory directory;
  const auto root = directory / "store";
  const auto fuller = directory / "fuller";
  Store store = Store::open_or_create(root);
  seal_text(store, "here");
  copy_over(root, fuller);
  {
    Store elsewhere = Store::open(fuller, Access::shared);
    seal_text(elsewhere, "brought");
  }
  CHECK(notes_of(store) == std::vector<std::string>{"here"});

  copy_over(fuller / "packs", root / "packs");
  copy_over(fuller / "manifests", root / "manifests");

  CHECK(notes_of(store) == std::vector<std::string>{"brought", "here"});
  CHECK(holds(store, "brought"));
  CHECK(seal_text(store, "next").sequence == 3);
}

TEST_CASE("a chunk of a pack that nobody announced is found") {
  const TemporaryDirectory directory;
  const auto root = directory / "store";
  Store store = Store::open_or_create(root);
  seal_text(store, "here");
  {
    Store elsewhere = Store::open_or_create(directory / "elsewhere");
    seal_text(elsewhere, "only a pack");
  }

  copy_over(directory / "elsewhere/packs", root / "packs");

  CHECK(as_text(store.get(hash::sha256(as_bytes("only a pack")))) == "only a pack");
}

TEST_CASE("a manifest that vanished is gone from the list at once") {
  const TemporaryDirectory directory;
  const auto root = directory / "store";
  Store store = Store::open_or_create(root);
  const SnapshotId one = *seal_text(store, "one").id;
  const SnapshotId two = *seal_text(store, "two").id;
  CHECK(notes_of(store).size() == 2);

  std::filesystem::remove(root / "manifests" / (two.text() + ".json"));

  CHECK(notes_of(store) == std::vector<std::string>{"one"});
  CHECK(seal_text(store, "three").previous == one);
}

TEST_CASE("marks that another process set or removed are noticed") {
  const TemporaryDirectory directory;
  const auto root = directory / "store";
  Store store = Store::open_or_create(root);
  const SnapshotId id = *seal_text(store, "as taken").id;
  CHECK(notes_of(store) == std::vector<std::string>{"as taken"});

  test::mark(Store::open(root, Access::shared), id,
             {.note = "renamed", .tags = {}, .pinned = false});
  CHECK(notes_of(store) == std::vector<std::string>{"renamed"});

  std::filesystem::remove(root / "marks" / (id.text() + ".json"));
  CHECK(notes_of(store) == std::vector<std::string>{"as taken"});
}

TEST_CASE("a damaged manifest or pack does not keep the others from being listed") {
  const TemporaryDirectory directory;
  const auto root = directory / "store";
  {
    Store store = Store::open_or_create(root);
    seal_text(store, "whole");
    const SnapshotId damaged = *seal_text(store, "damaged").id;
    test::write_file(root / "manifests" / (damaged.text() + ".json"), "{}");
    test::write_file(root / "manifests/notes.txt", "not ours");
    const std::string name = std::string(64, 'a');
    test::write_file(root / "packs/aa" / (name + ".pack"), "not a pack");
  }
  std::filesystem::remove(root / "catalog.db");

  Store store = Store::open(root, Access::shared);

  CHECK(notes_of(store) == std::vector<std::string>{"whole"});
  CHECK(holds(store, "whole"));
  CHECK(store.rebuild_catalog() == 1);
}

TEST_CASE("many snapshots are listed in their order") {
  const TemporaryDirectory directory;
  const auto root = directory / "store";
  Store store = Store::open_or_create(root);
  for (int number = 0; number < 50; ++number) {
    Batch batch(store);
    store.seal(batch, note_manifest(std::to_string(number)));
  }

  const auto listed = store.snapshots();

  REQUIRE(listed.size() == 50);
  for (std::size_t index = 0; index < listed.size(); ++index) {
    CHECK(listed[index].sequence == 50 - index);
    CHECK(listed[index].marks.note == std::to_string(49 - index));
  }
}

TEST_CASE("the newest snapshot that fits is found, with its marks, and no older one is looked at") {
  const TemporaryDirectory directory;
  Store store = Store::open_or_create(directory / "store");
  const manifest::Manifest wanted = seal_text(store, "wanted");
  for (const std::string text : {"wanted, and newer", "other", "another"}) {
    seal_text(store, text);
  }
  test::mark(store, *wanted.id, {.note = "wanted, once", .tags = {}, .pinned = true});
  std::vector<std::string> looked_at;

  const auto found = store.find_newest([&looked_at](const manifest::Summary& summary) {
    looked_at.push_back(summary.marks.note);
    return summary.marks.note.starts_with("wanted");
  });

  REQUIRE(found);
  CHECK(found->marks.note == "wanted, and newer");
  CHECK(looked_at == std::vector<std::string>{"another", "other", "wanted, and newer"});
  const auto pinned =
      store.find_newest([](const manifest::Summary& summary) { return summary.marks.pinned; });
  REQUIRE(pinned);
  CHECK(pinned->id == *wanted.id);
  CHECK_FALSE(store.find_newest([](const manifest::Summary&) { return false; }));
}

TEST_CASE("a list says of a snapshot what its manifest says") {
  const TemporaryDirectory directory;
  Store store = Store::open_or_create(directory / "store");
  manifest::Manifest manifest = note_manifest("full");
  manifest.trigger = "hook:pre-commit";
  manifest.tags = {"a", "b"};
  manifest.project.worktree = "linked";
  manifest.git = manifest::GitState{};
  manifest.git->branch = "main";
  manifest.git->commit = std::string(40, '1');
  manifest.git->untracked_count = 3;
  manifest::DatabaseComponent database;
  database.name = "db/app.sqlite";
  database.driver = "sqlite";
  database.path = "db/app.sqlite";
  database.size = 77;
  manifest.databases.push_back(database);
  manifest.left_out.push_back({.path = "x", .reason = "cannot be read", .is_error = true});
  Batch batch(store);
  const manifest::Manifest sealed = store.seal(batch, manifest);

  const manifest::Summary expected = manifest::summarize(sealed);
  const manifest::Summary listed = store.snapshots().at(0);

  CHECK(json::print(manifest::to_json(listed)) == json::print(manifest::to_json(expected)));
  CHECK(listed.state == expected.state);
  CHECK(listed.created_at == expected.created_at);
}

TEST_CASE("a store that cannot be written is read all the same") {
  const TemporaryDirectory directory;
  const auto root = directory / "store";
  std::string older;
  {
    Store store = Store::open_or_create(root);
    seal_text(store, "one");
    older = test::read_file(root / "catalog.db");
    seal_text(store, "two");
  }
  SECTION("as it was left") {}
  SECTION("without a catalog") {
    std::filesystem::remove(root / "catalog.db");
  }
  SECTION("with a catalog that is no longer true") {
    test::write_file(root / "catalog.db", older);
  }
  SECTION("without a lock file") {
    std::filesystem::remove(root / "lock");
  }
  const std::optional<Mount> mounted = Mount::read_only(root, directory / "frozen");
  if (!mounted) {
    WARN("skipped: only root can mount");
    return;
  }

  Store store = Store::open(directory / "frozen", Access::shared);

  CHECK(notes_of(store) == std::vector<std::string>{"two", "one"});
  CHECK(holds(store, "one"));
  CHECK(holds(store, "two"));
  CHECK_THROWS_AS(store.get(hash::sha256(as_bytes("nowhere"))), CorruptionError);
  CHECK_THROWS_AS(store.rebuild_catalog(), IoError);
  CHECK_THROWS_AS(seal_text(store, "three"), IoError);
  CHECK_THROWS_AS(test::mark(store, store.snapshots().front().id, {}), IoError);
  CHECK(notes_of(store).size() == 2);
}
