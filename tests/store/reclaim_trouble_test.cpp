#include "store/reclaim.hpp"

#include "base/error.hpp"
#include "store/internal/store_state.hpp"
#include "store/internal/trash.hpp"
#include "support/catch.hpp"
#include "support/child_process.hpp"
#include "support/mounts.hpp"
#include "support/pruning.hpp"
#include "support/sample_store.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>

// Pruning when the disk is full, data is damaged, or the process dies.

using namespace savepoint;
using namespace savepoint::store;
using test::Files;
using test::is_whole;
using test::largest_pack;
using test::listed;
using test::noise;
using test::packs_by_size;
using test::reclaim;
using test::remove;
using test::SampleStore;

namespace {

constexpr std::size_t k_mib = std::size_t{1} << 20U;

/// Takes all the space there is.
void fill(const std::filesystem::path& file) {
  std::ofstream stream(file, std::ios::binary);
  for (std::size_t block = k_mib; block > 0; block /= 16) {
    const std::string zeros(block, '\0');
    while (stream.write(zeros.data(), static_cast<std::streamsize>(block)).flush()) {
    }
    stream.clear();
  }
}

} // namespace

TEST_CASE("what dead processes left behind is removed") {
  const SampleStore sample;
  const Files files = {{"a", noise(1'000, 7)}};
  const SnapshotId kept = sample.take(files);
  const SampleStore other;
  static_cast<void>(other.take({{"b", noise(k_mib, 8)}}));
  for (const std::filesystem::path& pack : other.packs()) { // as if never sealed
    const std::filesystem::path shard =
        sample.root() / pack.parent_path().lexically_relative(other.root());
    std::filesystem::create_directories(shard);
    std::filesystem::copy_file(pack, shard / pack.filename());
  }
  const std::size_t packs = sample.packs().size();
  test::write_file(sample.root() / "manifests" / ".savepoint-tmp-1", "x");
  test::write_file(sample.root() / "packs" / "ab" / ".savepoint-tmp-2", "x");
  test::write_file(sample.root() / "scratch" / "dead" / "pack", "x");
  test::write_file(sample.root() / "trash" / "old.pack", "x");

  static_cast<void>(reclaim(sample));

  CHECK(packs > sample.packs().size());
  CHECK(sample.pack_bytes() < 100'000);
  CHECK_FALSE(std::filesystem::exists(sample.root() / "manifests" / ".savepoint-tmp-1"));
  CHECK_FALSE(std::filesystem::exists(sample.root() / "packs" / "ab" / ".savepoint-tmp-2"));
  CHECK_FALSE(std::filesystem::exists(sample.root() / "scratch" / "dead"));
  CHECK(std::filesystem::is_empty(sample.root() / "trash"));
  CHECK((sample.read(kept) == files));
}

TEST_CASE("nothing is removed while it cannot be told what is needed") {
  const SampleStore sample;
  const SnapshotId gone = sample.take({{"a", noise(k_mib, 10)}});
  const SnapshotId damaged = sample.take({{"b", noise(k_mib, 11)}});
  remove(sample, {gone});
  const std::uintmax_t before = sample.pack_bytes();
  test::flip_byte(sample.manifest(damaged), 30);

  CHECK_THROWS_AS(reclaim(sample), CorruptionError);
  CHECK(sample.pack_bytes() == before);

  remove(sample, {damaged}); // the way out that the hint names
  static_cast<void>(reclaim(sample));
  CHECK(sample.packs().empty());
}

TEST_CASE("the newest snapshot does not lose its data when its manifest vanishes") {
  const SampleStore sample;
  static_cast<void>(sample.take({{"a", noise(k_mib, 20)}}));
  const Files files = {{"b", noise(k_mib, 21)}};
  const SnapshotId newest = sample.take(files);
  const std::filesystem::path manifest = sample.manifest(newest);
  std::filesystem::rename(manifest, sample.root() / "aside");
  const bool is_rebuilt = GENERATE(false, true);
  CAPTURE(is_rebuilt);
  if (is_rebuilt) {
    static_cast<void>(sample.shared().rebuild_catalog());
  }
  // The chain does not tell: whatever comes next names the one before.
  static_cast<void>(sample.take({{"c", noise(k_mib, 22)}}));

  CHECK_THROWS_AS(reclaim(sample), CorruptionError);
  std::filesystem::rename(sample.root() / "aside", manifest);
  static_cast<void>(reclaim(sample));
  CHECK((sample.read(newest) == files));

  std::filesystem::remove(manifest);
  CHECK_THROWS_AS(reclaim(sample), CorruptionError);
  remove(sample, {newest}); // gives it up
  CHECK(reclaim(sample).bytes_freed > k_mib / 2);
}

TEST_CASE("a store whose manifests all vanished keeps its data, with or without a catalog") {
  const SampleStore sample;
  static_cast<void>(sample.take({{"a", noise(k_mib, 23)}}));
  test::write_file(sample.root() / "cache" / "0123.stat", "made once the snapshot was sealed");
  const bool has_catalog = GENERATE(true, false);
  const bool has_directory = GENERATE(true, false);
  CAPTURE(has_catalog, has_directory);
  std::filesystem::remove_all(sample.root() / "manifests");
  if (has_directory) {
    std::filesystem::create_directory(sample.root() / "manifests");
  }
  if (!has_catalog) {
    std::filesystem::remove(sample.root() / "catalog.db");
  }
  const std::uintmax_t before = sample.pack_bytes();

  CHECK_THROWS_AS(reclaim(sample), CorruptionError);

  CHECK(sample.pack_bytes() == before);
}

TEST_CASE("what a first snapshot left that was killed is given back") {
  const SampleStore sample;
  const SampleStore other;
  static_cast<void>(other.take({{"a", noise(k_mib, 24)}}));
  std::filesystem::copy(other.root() / "packs", sample.root() / "packs",
                        std::filesystem::copy_options::recursive);
  REQUIRE_FALSE(sample.packs().empty());

  static_cast<void>(reclaim(sample));

  CHECK(sample.packs().empty());
}

TEST_CASE("of two copies of a chunk the good one stays") {
  const std::size_t damaged = GENERATE(as<std::size_t>{}, 1, 2); // from the largest on
  CAPTURE(damaged);
  const SampleStore sample;
  const Files files = {{"a", noise(200'000, 12)}};
  Files more = files;
  more["b"] = noise(200'000, 13);
  std::optional<SnapshotId> first;
  std::optional<SnapshotId> second;
  {
    Store store = sample.shared();
    Batch one(store);
    Batch other(store); // does not see what the first one is about to store
    const hash::Digest small = SampleStore::put(store, one, files);
    const hash::Digest large = SampleStore::put(store, other, more);
    first = SampleStore::seal(store, one, small);
    second = SampleStore::seal(store, other, large);
  }
  REQUIRE(sample.pack_bytes() > 590'000);
  const auto packs = packs_by_size(sample);
  test::flip_byte(packs.at(packs.size() - damaged), 100); // in its first frame: file "a"
  remove(sample, {*second});

  static_cast<void>(reclaim(sample));

  CHECK((sample.read(*first) == files));
}

TEST_CASE("a reclaim that died between new packs and old ones is finished by the next") {
  const SampleStore sample;
  const Files kept = {{"kept", noise(k_mib, 15)}};
  Files both = kept;
  both["dropped"] = noise(3 * k_mib, 16);
  const SnapshotId first = sample.take(both);
  const SnapshotId second = sample.take(kept);
  remove(sample, {first});
  const std::filesystem::path old = largest_pack(sample);
  std::filesystem::copy_file(old, sample.root() / "aside");
  static_cast<void>(reclaim(sample));
  REQUIRE_FALSE(std::filesystem::exists(old));
  std::filesystem::rename(sample.root() / "aside", old);

  const Reclaimed reclaimed = reclaim(sample);

  CHECK(reclaimed.packs_removed == 1);
  CHECK(reclaimed.packs_rewritten == 0);
  CHECK(sample.pack_bytes() < k_mib + k_mib / 8);
  CHECK((sample.read(second) == kept));
}

TEST_CASE("what was on its way out when a prune died is stored again by who needs it") {
  const SampleStore sample;
  const Files files = {{"needed again", noise(k_mib, 40)}};
  const SnapshotId first = sample.take(files);
  const std::filesystem::path pack = largest_pack(sample);
  remove(sample, {first});
  std::filesystem::create_directories(sample.root() / "trash");
  std::filesystem::rename(pack, sample.root() / "trash" / pack.filename());

  const SnapshotId second = sample.take(files);

  CHECK((sample.read(second) == files));
  static_cast<void>(reclaim(sample)); // empties the trash
  CHECK((sample.read(second) == files));
  CHECK(is_whole(sample));
}

TEST_CASE("a writer has what it needs kept, however little time is left before a prune") {
  const SampleStore sample;
  const Files files = {{"needed again", noise(k_mib, 41)}};
  const SnapshotId first = sample.take(files);
  remove(sample, {first});
  std::optional<SnapshotId> second;
  {
    Store store = sample.shared();
    Batch batch(store);
    const hash::Digest tree = SampleStore::put(store, batch, files); // relies on what is there
    CHECK_THROWS_AS(Store::open(sample.root(), Access::exclusive, std::chrono::milliseconds(0)),
                    BusyError);
    second = SampleStore::seal(store, batch, tree);
  }

  static_cast<void>(reclaim(sample));

  CHECK((sample.read(*second) == files));
  CHECK(is_whole(sample));
}

TEST_CASE("a pack whose data is damaged is not rewritten, and does not grow copies") {
  const SampleStore sample;
  const Files kept = {{"a", noise(k_mib, 17)}, {"b", noise(200'000, 18)}};
  Files all = kept;
  all["dropped"] = noise(4 * k_mib, 19);
  const SnapshotId first = sample.take(all);
  static_cast<void>(sample.take(kept));
  remove(sample, {first});
  const std::filesystem::path pack = largest_pack(sample);
  test::flip_byte(pack, 100);
  const std::uintmax_t before = sample.pack_bytes();

  CHECK(reclaim(sample).packs_rewritten == 0);

  CHECK(std::filesystem::exists(pack));
  CHECK(sample.pack_bytes() == before);
}

TEST_CASE("what is damaged stays known when the caches are removed for their room") {
  const SampleStore sample;
  static_cast<void>(sample.take({{"a", noise(k_mib, 40)}}));
  test::flip_byte(largest_pack(sample), 1'000);
  {
    const Store store = sample.shared();
    NoProgress progress;
    plan_healing(store, check_packs(store, ReadData::yes, Cancellation(), progress), ReadData::yes);
  }
  test::write_file(sample.root() / "cache" / "main.stat", "x");

  make_room(sample.exclusive().state());

  CHECK_FALSE(std::filesystem::exists(sample.root() / "cache" / "main.stat"));
  const SnapshotId again = sample.take({{"a", noise(k_mib, 40)}});
  CHECK((sample.read(again) == Files{{"a", noise(k_mib, 40)}}));
}

TEST_CASE("room is given back on a disk without a byte left") {
  const test::TemporaryDirectory directory;
  const std::optional<test::Mount> mounted = test::Mount::memory(directory / "small", "12m");
  if (!mounted) {
    WARN("skipped: only root can mount");
    return;
  }
  const SampleStore sample(directory / "small" / "store");
  const Files kept = {{"kept", noise(k_mib, 30)}};
  Files both = kept;
  both["dropped"] = noise(3 * k_mib, 31);
  const SnapshotId first = sample.take(both);
  const SnapshotId second = sample.take(kept);
  const SnapshotId third = sample.take({{"alone", noise(k_mib, 32)}});
  test::write_file(sample.root() / "cache" / "main.stat", std::string(10'000, 'x'));
  fill(directory / "small" / "filler");

  remove(sample, {first, third});
  const Reclaimed reclaimed = reclaim(sample);

  CHECK(reclaimed.packs_removed >= 1);
  CHECK(reclaimed.bytes_freed > k_mib);
  CHECK(listed(sample) == std::vector<SnapshotId>{second});
  CHECK((sample.read(second) == kept));
  CHECK(is_whole(sample));
}

TEST_CASE("without space to rewrite a pack it stays, and nobody is alarmed") {
  const test::TemporaryDirectory directory;
  const std::optional<test::Mount> mounted = test::Mount::memory(directory / "small", "12m");
  if (!mounted) {
    WARN("skipped: only root can mount");
    return;
  }
  const SampleStore sample(directory / "small" / "store");
  const Files kept = {{"kept", noise(2 * k_mib, 33)}};
  Files both = kept;
  both["dropped"] = noise(4 * k_mib, 34);
  const SnapshotId first = sample.take(both);
  const SnapshotId second = sample.take(kept);
  remove(sample, {first});
  const std::vector<std::filesystem::path> before = packs_by_size(sample);
  fill(directory / "small" / "filler");

  CHECK(reclaim(sample).packs_rewritten == 0);

  CHECK(packs_by_size(sample) == before);
  CHECK((sample.read(second) == kept));
  std::filesystem::remove(directory / "small" / "filler");
  CHECK(reclaim(sample).packs_rewritten == 1);
  CHECK((sample.read(second) == kept));
}

TEST_CASE("a prune killed at any moment costs no snapshot, and the next one finishes it") {
  const SampleStore original;
  const Files kept = {{"kept", noise(k_mib, 35)}};
  Files both = kept;
  both["dropped"] = noise(3 * k_mib, 36);
  const SnapshotId first = original.take(both);
  const SnapshotId second = original.take(kept);
  const SnapshotId third = original.take({{"alone", noise(k_mib, 37)}});
  std::map<SnapshotId, Files> all = {{first, both}, {second, kept}};

  std::size_t killed = 0;
  for (std::chrono::microseconds patience{0}; patience < std::chrono::milliseconds(40);
       patience += std::chrono::milliseconds(2)) {
    CAPTURE(patience.count());
    const test::TemporaryDirectory directory;
    std::filesystem::copy(original.root(), directory / "store",
                          std::filesystem::copy_options::recursive);
    const SampleStore sample(directory / "store");
    {
      test::ChildProcess child([&] {
        remove(sample, {first, third});
        static_cast<void>(reclaim(sample));
      });
      const auto end = std::chrono::steady_clock::now() + patience;
      while (std::chrono::steady_clock::now() < end) {
      }
      child.kill_hard();
    }
    const std::vector<SnapshotId> left = listed(sample);
    killed += left.size() > 1 || sample.packs().size() > 2 ? 1U : 0U;

    CHECK(std::count(left.begin(), left.end(), second) == 1);
    for (const SnapshotId& id : left) {
      if (id != third) {
        CHECK((sample.read(id) == all.at(id)));
      }
    }
    remove(sample, {first, third});
    static_cast<void>(reclaim(sample));
    CHECK(sample.pack_bytes() < k_mib + k_mib / 8);
    CHECK((sample.read(second) == kept));
    CHECK(is_whole(sample));
  }
  CHECK(killed > 0);
}

TEST_CASE("stopping leaves the store as good as before") {
  const SampleStore sample;
  const Files files = {{"a", noise(k_mib, 23)}};
  const SnapshotId gone = sample.take({{"b", noise(k_mib, 24)}});
  const SnapshotId kept = sample.take(files);
  remove(sample, {gone});
  {
    Cancellation cancellation;
    cancellation.request();
    NoProgress progress;
    Store store = sample.exclusive();
    CHECK_THROWS_AS(store::reclaim(store, cancellation, progress), Cancelled);
  }

  CHECK((sample.read(kept) == files));
  CHECK(is_whole(sample));
}
