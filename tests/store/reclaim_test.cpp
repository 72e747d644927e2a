#include "store/reclaim.hpp"

#include "base/error.hpp"
#include "fs/files.hpp"
#include "store/check.hpp"
#include "support/catch.hpp"
#include "support/pruning.hpp"
#include "support/sample_store.hpp"
#include "support/small_store.hpp"

#include <algorithm>
#include <chrono>

using namespace savepoint;
using namespace savepoint::store;
using test::Files;
using test::is_whole;
using test::listed;
using test::noise;
using test::reclaim;
using test::remove;
using test::SampleStore;

namespace {

constexpr std::size_t k_mib = std::size_t{1} << 20U;

/// A snapshot of three databases of a mebibyte each, which takes no metadata at all.
void take_databases(const SampleStore& sample, std::uint64_t seed) {
  Store store = sample.shared();
  Batch batch(store);
  manifest::Manifest manifest = test::note_manifest(std::to_string(seed));
  for (const char* name : {"a", "b", "c"}) {
    const Bytes image = noise(k_mib, seed++);
    manifest::DatabaseComponent database;
    database.name = name;
    database.driver = "sqlite";
    database.path = name;
    const hash::Digest id = batch.writer()->put(image, ChunkKind::data);
    database.image = {.form = manifest::Content::Form::chunk, .size = image.size(), .id = id};
    manifest.databases.push_back(std::move(database));
  }
  static_cast<void>(store.seal(batch, std::move(manifest)));
}

} // namespace

TEST_CASE("removing a snapshot gives back its data and leaves that of others") {
  const SampleStore sample;
  const Files mine = {{"mine", noise(3 * k_mib, 1)}};
  const Files common = {{"a", noise(k_mib, 2)}};
  const SnapshotId gone = sample.take(mine);
  const SnapshotId kept = sample.take(common);

  remove(sample, {gone});
  const Reclaimed reclaimed = reclaim(sample);

  CHECK(reclaimed.bytes_freed > 3 * k_mib);
  CHECK(reclaimed.packs_removed >= 1);
  CHECK(sample.pack_bytes() < k_mib + k_mib / 8);
  CHECK((sample.read(kept) == common));
  CHECK(is_whole(sample));
}

TEST_CASE("what two snapshots share stays until the last of them goes") {
  const SampleStore sample;
  const Files files = {{"shared", noise(2 * k_mib, 3)}};
  Files more = files;
  more["extra"] = noise(1'000, 4);
  const SnapshotId first = sample.take(files);
  const SnapshotId second = sample.take(more);

  remove(sample, {first});
  static_cast<void>(reclaim(sample));
  CHECK((sample.read(second) == more));

  remove(sample, {second});
  static_cast<void>(reclaim(sample));
  CHECK(sample.packs().empty());
}

TEST_CASE("a removed snapshot is not listed any more, nor found again by a new catalog") {
  const SampleStore sample;
  const SnapshotId gone = sample.take({{"a", noise(10, 1)}});
  const SnapshotId kept = sample.take({{"b", noise(10, 2)}});

  remove(sample, {gone});

  CHECK(listed(sample) == std::vector<SnapshotId>{kept});
  CHECK_FALSE(sample.shared().has_snapshot(gone));
  std::filesystem::remove(sample.root() / "catalog.db");
  CHECK(listed(sample) == std::vector<SnapshotId>{kept});
  CHECK(pruned_snapshots(sample.shared()) == std::vector<std::string>{gone.text()});
  CHECK(check_documents(sample.shared()).empty());
}

TEST_CASE("marks of a removed snapshot go with it") {
  const SampleStore sample;
  const SnapshotId gone = sample.take({{"a", noise(10, 1)}});
  test::mark(sample.shared(), gone, {.note = "secret plan", .tags = {}, .pinned = false});

  remove(sample, {gone});
  static_cast<void>(reclaim(sample));

  CHECK_FALSE(std::filesystem::exists(sample.root() / "marks" / (gone.text() + ".json")));
  CHECK(std::filesystem::is_empty(sample.root() / "trash"));
}

TEST_CASE("a pack that is mostly dead is rewritten, one that is mostly alive stays") {
  const std::size_t dead = GENERATE(as<std::size_t>{}, 3 * k_mib, k_mib / 2);
  CAPTURE(dead);
  const SampleStore sample;
  const Files kept_files = {{"kept", noise(k_mib, 5)}};
  Files both = kept_files;
  both["dropped"] = noise(dead, 6);
  const SnapshotId first = sample.take(both);
  const SnapshotId second = sample.take(kept_files);
  const std::uintmax_t before = sample.pack_bytes();

  remove(sample, {first});
  const Reclaimed reclaimed = reclaim(sample);

  CHECK(reclaimed.packs_rewritten == (dead > k_mib ? 1 : 0));
  CHECK(sample.pack_bytes() + reclaimed.bytes_freed == before);
  CHECK((sample.read(second) == kept_files));
  CHECK(is_whole(sample));
}

TEST_CASE("small packs are merged once they fill one together") {
  const SampleStore sample;
  std::map<SnapshotId, Files> all;
  for (std::uint64_t i = 0; i < 20; ++i) {
    const Files files = {{"a", noise(k_mib, 100 + i)}};
    all[sample.take(files)] = files;
  }
  const std::size_t before = sample.packs().size();

  static_cast<void>(reclaim(sample));

  CHECK(before >= 20);
  CHECK(sample.packs().size() <= 4);
  for (const auto& [id, files] : all) {
    CHECK((sample.read(id) == files));
  }
  CHECK(is_whole(sample));
  CHECK(reclaim(sample).packs_rewritten == 0); // what is merged stays as it is
}

TEST_CASE("a pack that comes out of the merge as it went in stays") {
  const SampleStore sample;
  const SnapshotId directory = sample.take({}); // one chunk of metadata, and the only one
  const auto fill_a_pack = [&](std::uint64_t seed) {
    for (std::uint64_t i = 0; i < 6; ++i) {
      take_databases(sample, seed + 3 * i);
    }
    return reclaim(sample).packs_rewritten;
  };

  REQUIRE(fill_a_pack(100) >= 6);
  REQUIRE(fill_a_pack(200) >= 6);

  CHECK(sample.read(directory).empty());
  CHECK(is_whole(sample));
}

TEST_CASE("a snapshot that the catalog does not know keeps its data") {
  const SampleStore sample;
  const Files files = {{"a", noise(k_mib, 9)}};
  const SnapshotId old = sample.take({{"b", noise(10, 1)}});
  std::filesystem::copy_file(sample.root() / "catalog.db", sample.root() / "old");
  const SnapshotId unknown = sample.take(files);
  std::filesystem::rename(sample.root() / "old", sample.root() / "catalog.db");

  static_cast<void>(reclaim(sample));

  CHECK((sample.read(unknown) == files));
  CHECK(listed(sample).size() == 2);
}

TEST_CASE("a chunk that two packs hold is kept once") {
  const SampleStore sample;
  const Files files = {{"a", noise(2 * k_mib, 14)}};
  std::optional<SnapshotId> id;
  {
    Store store = sample.shared();
    Batch one(store);
    Batch other(store);
    const hash::Digest tree = SampleStore::put(store, one, files);
    static_cast<void>(SampleStore::put(store, other, files));
    id = SampleStore::seal(store, one, tree);
    static_cast<void>(SampleStore::seal(store, other, tree));
  }

  static_cast<void>(reclaim(sample));

  CHECK(sample.pack_bytes() < 2 * k_mib + k_mib / 8);
  CHECK((sample.read(*id) == files));
}

TEST_CASE("a file that holds the very bytes of a directory does not hide that directory") {
  const SampleStore sample;
  Store store = sample.shared();
  std::optional<SnapshotId> id;
  hash::Digest chunk;
  {
    Batch batch(store);
    const hash::Digest below = SampleStore::put(store, batch, {{"x", noise(1'000, 20)}});
    chunk = hash::sha256(noise(1'000, 20));
    TreeEntry directory;
    directory.name = "b";
    directory.kind = EntryKind::directory;
    directory.tree = below;
    TreeEntry file;
    file.name = "z"; // its chunk is seen before the directory is walked
    file.content = {.form = manifest::Content::Form::chunk,
                    .size = batch.source().get(below).size(),
                    .id = below};
    Tree tree;
    tree.entries = {directory, file};
    const hash::Digest root = put_tree(*batch.writer(), tree);
    id = SampleStore::seal(store, batch, root);
  }

  CHECK(live_chunks(store, Cancellation()).contains(chunk));
}

TEST_CASE("what removing would free is told beforehand") {
  const SampleStore sample;
  const SnapshotId one = sample.take({{"a", noise(3 * k_mib, 21)}});
  static_cast<void>(sample.take({{"b", noise(k_mib, 22)}}));

  const std::uint64_t told = reclaimable(sample.shared(), {one}, Cancellation());

  CHECK(reclaimable(sample.shared(), {}, Cancellation()) == 0);
  remove(sample, {one});
  CHECK(reclaim(sample).bytes_freed == told);
}

TEST_CASE("many prunes leave few marks, which still name all that was pruned") {
  const SampleStore sample;
  std::vector<std::string> ids;
  for (int i = 0; i < 40; ++i) {
    const SnapshotId id = SnapshotId::make(test::k_prune_time + std::chrono::seconds(i), "0a1b");
    remove(sample, {id});
    ids.push_back(id.text());
  }
  std::sort(ids.begin(), ids.end());

  CHECK(pruned_snapshots(sample.shared()) == ids);
  CHECK(fs::list_names(sample.root() / "marks").size() <= 32);
}
