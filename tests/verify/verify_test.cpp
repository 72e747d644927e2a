#include "verify/verify.hpp"

#include "base/error.hpp"
#include "drivers/all.hpp"
#include "store/check.hpp"
#include "store/tree.hpp"
#include "support/catch.hpp"
#include "support/small_store.hpp"
#include "support/temporary_directory.hpp"

#include <algorithm>
#include <fstream>

using namespace savepoint;
using store::EntryKind;
using test::TemporaryDirectory;
using Strings = std::vector<std::string>;

namespace {

/// A store with snapshots of a project: each has a few small files and a large one of its own.
class Fixture {
public:
  Fixture() : store_(store::Store::open_or_create(place_ / "store")) {
    context_.clock = &clock_;
    context_.cancellation = &cancellation_;
    context_.progress = &progress_;
  }

  /// Seals a snapshot with `shared` and `dir/own`, which is made of `seed`.
  manifest::Manifest seal(std::uint64_t seed,
                          std::vector<manifest::DatabaseComponent> databases = {}) {
    store::Batch batch(store_);
    manifest::Manifest manifest = test::note_manifest("snapshot");
    {
      const auto sink = batch.writer();
      store::Tree below;
      below.entries = {file(*sink, "own", test::noise(300'000, seed))};
      store::TreeEntry directory;
      directory.name = "dir";
      directory.kind = EntryKind::directory;
      directory.tree = store::put_tree(*sink, below);
      store::Tree top;
      top.entries = {directory, file(*sink, "shared", to_bytes("the same in all"))};
      manifest.code.emplace();
      manifest.code->tree = store::put_tree(*sink, top);
      manifest.code->state = manifest.code->tree;
    }
    manifest.databases = std::move(databases);
    return store_.seal(batch, std::move(manifest));
  }

  /// A database as its driver captures it.
  manifest::DatabaseComponent capture(const std::string& name) {
    const database::Driver& driver = drivers::find("sqlite");
    store::Batch batch(store_);
    manifest::DatabaseComponent component;
    {
      const auto sink = batch.writer();
      const auto capture = driver.open_capture(
          {.name = name, .driver = "sqlite", .file = place_ / name, .path = name},
          store_.scratch_directory(), std::chrono::seconds(1), cancellation_);
      store::ContentWriter writer(*sink, store_.cutting_rules(),
                                  {.block_size = capture->shape().block_size});
      Bytes buffer(65536);
      for (std::size_t got = 0; (got = capture->read(buffer)) > 0;) {
        writer.write(ByteView(buffer).first(got));
      }
      component = capture->describe();
      component.image = writer.finish();
      component.name = name;
    }
    manifest::Manifest manifest = test::note_manifest("database");
    manifest.databases = {component};
    store_.seal(batch, std::move(manifest));
    return component;
  }

  verify::Report check(const verify::Request& request = {}) const {
    return verify::verify(store_, request, context_);
  }

  /// Changes one byte in the middle of the largest pack that `since` does not name.
  std::string damage_newest_pack(const Strings& since) const {
    std::filesystem::path largest;
    for (const std::string& name : packs()) {
      if (std::ranges::count(since, name) == 0 &&
          (largest.empty() || size_of(name) > size_of(largest))) {
        largest = name;
      }
    }
    std::filesystem::permissions(store_.root() / largest, std::filesystem::perms::owner_all);
    std::fstream pack(store_.root() / largest, std::ios::in | std::ios::out | std::ios::binary);
    const auto middle = static_cast<std::streamoff>(size_of(largest) / 2);
    pack.seekg(middle);
    const char old = static_cast<char>(pack.get());
    pack.seekp(middle);
    pack.put(static_cast<char>(old ^ 0x20));
    return largest;
  }
  [[nodiscard]] Strings packs() const {
    Strings names;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(store_.root() / "packs")) {
      if (entry.is_regular_file()) {
        names.push_back(entry.path().lexically_relative(store_.root()).string());
      }
    }
    return names;
  }

  [[nodiscard]] const std::filesystem::path root() const { return store_.root(); }
  [[nodiscard]] const TemporaryDirectory& place() const { return place_; }
  store::Store& store() { return store_; }

private:
  static store::TreeEntry file(store::ChunkSink& sink, std::string name, const Bytes& bytes) {
    store::ContentWriter writer(sink, {});
    writer.write(bytes);
    store::TreeEntry entry;
    entry.name = std::move(name);
    entry.mode = 0644;
    entry.content = writer.finish();
    return entry;
  }
  [[nodiscard]] std::uintmax_t size_of(const std::filesystem::path& name) const {
    return std::filesystem::file_size(store_.root() / name);
  }

  TemporaryDirectory place_;
  store::Store store_;
  SystemClock clock_;
  Cancellation cancellation_;
  NoProgress progress_;
  project::Context context_;
};

Strings affected(const verify::Report& report) {
  Strings lines;
  for (const verify::Problem& problem : report.problems) {
    lines.push_back(problem.snapshot + " " + problem.path);
  }
  return lines;
}

bool has(const Strings& lines, const std::string& line) {
  return std::ranges::count(lines, line) > 0;
}

} // namespace

TEST_CASE("a whole store verifies") {
  Fixture fixture;
  fixture.seal(1);
  fixture.seal(2);

  const verify::Report report = fixture.check({.snapshots = {}, .read_data = true});

  CHECK(report.ok());
  CHECK(report.snapshots_checked == 2);
  CHECK(report.chunks_checked > 5);
  CHECK(report.bytes_read > 600'000);
}

TEST_CASE("a flipped bit is found, with the snapshot, the path and the file of the store") {
  Fixture fixture;
  const manifest::Manifest first = fixture.seal(1);
  const Strings before = fixture.packs();
  const manifest::Manifest second = fixture.seal(2);
  const std::string pack = fixture.damage_newest_pack(before);

  const verify::Report report = fixture.check({.snapshots = {}, .read_data = true});

  CHECK(has(affected(report), second.id->text() + " dir/own"));
  CHECK(std::ranges::none_of(report.problems, [&](const verify::Problem& problem) {
    return problem.snapshot == first.id->text();
  }));
  CHECK(std::ranges::any_of(report.problems,
                            [&](const verify::Problem& problem) { return problem.file == pack; }));
}

TEST_CASE("damage that harms no snapshot that was asked for is healed as well") {
  Fixture fixture;
  const manifest::Manifest first = fixture.seal(1);
  const Strings before = fixture.packs();
  fixture.seal(2);
  fixture.damage_newest_pack(before);
  NoProgress progress;
  const auto damaged =
      store::check_packs(fixture.store(), store::ReadData::yes, Cancellation(), progress);
  REQUIRE(damaged.size() == 1);

  CHECK(fixture.check({.snapshots = {*first.id}, .read_data = true}).ok());

  store::Store reopened = store::Store::open(fixture.root(), store::Access::shared);
  store::Batch batch(reopened);
  for (const hash::Digest& chunk : damaged.front().chunks) {
    CHECK_FALSE(batch.writer()->contains(chunk));
  }
}

TEST_CASE("a pack that is gone is found without reading data") {
  Fixture fixture;
  fixture.seal(1);
  const Strings before = fixture.packs();
  const manifest::Manifest second = fixture.seal(2);
  for (const std::string& name : fixture.packs()) {
    if (std::ranges::count(before, name) == 0) {
      std::filesystem::remove(fixture.root() / name);
    }
  }

  const verify::Report report = fixture.check();

  CHECK_FALSE(report.ok());
  CHECK(std::ranges::any_of(report.problems, [&](const verify::Problem& problem) {
    return problem.snapshot == second.id->text();
  }));
}

TEST_CASE("a damaged manifest is found, and the other snapshots are still checked") {
  Fixture fixture;
  const manifest::Manifest first = fixture.seal(1);
  fixture.seal(2);
  const auto file = fixture.root() / "manifests" / (first.id->text() + ".json");
  std::filesystem::permissions(file, std::filesystem::perms::owner_all);
  std::string text = test::read_file(file);
  text.replace(text.find("snapshot"), 8, "SNAPSHOT");
  test::write_file(file, text);

  const verify::Report report = fixture.check();

  REQUIRE_FALSE(report.ok());
  CHECK(std::ranges::all_of(report.problems, [&](const verify::Problem& problem) {
    return problem.file.find(first.id->text()) != std::string::npos ||
           problem.snapshot == first.id->text();
  }));
  CHECK(report.problems.size() == 1);
}

TEST_CASE("a manifest that vanished without prune is noticed") {
  Fixture fixture;
  const manifest::Manifest first = fixture.seal(1);
  fixture.seal(2);
  std::filesystem::remove(fixture.root() / "manifests" / (first.id->text() + ".json"));

  CHECK_FALSE(fixture.check().ok());
}

TEST_CASE("a rehearsal loads every database once and compares it with the manifest") {
  Fixture fixture;
  test::shell(fixture.place().path(),
              "sqlite3 a.db 'CREATE TABLE t(a); INSERT INTO t VALUES (1), (2)'");
  const manifest::DatabaseComponent honest = fixture.capture("a.db");
  fixture.seal(1, {honest});

  const verify::Report good = fixture.check({.snapshots = {}, .rehearse = true});
  CHECK(good.ok());
  CHECK(good.databases_rehearsed == 1);

  manifest::DatabaseComponent wrong = fixture.capture("a.db");
  wrong.tables.at(0).rows = 3;
  const manifest::Manifest snapshot = fixture.seal(2, {wrong});
  const verify::Report bad = fixture.check({.snapshots = {*snapshot.id}, .rehearse = true});
  CHECK(affected(bad) == Strings{snapshot.id->text() + " a.db"});
}

TEST_CASE("only the snapshots asked for are checked, and an unknown one is an error") {
  Fixture fixture;
  const manifest::Manifest first = fixture.seal(1);
  fixture.seal(2);

  CHECK(fixture.check({.snapshots = {*first.id}}).snapshots_checked == 1);
  CHECK_THROWS_AS(fixture.check({.snapshots = {SnapshotId::parse("20200101-000000-abcd").value()}}),
                  NotFoundError);
}
