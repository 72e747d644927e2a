#include "prune/prune.hpp"

#include "base/error.hpp"
#include "manifest/safety.hpp"
#include "store/journal.hpp"
#include "support/catch.hpp"
#include "support/sample_store.hpp"
#include "support/small_store.hpp"
#include "support/temporary_directory.hpp"

#include <algorithm>

using namespace savepoint;
using test::TemporaryDirectory;

namespace {

constexpr std::size_t k_large = std::size_t{200} << 10U;
const Timestamp k_now{std::chrono::seconds(1'900'000'000)};

/// Seals a snapshot that holds `bytes`, which nobody else has.
manifest::Manifest seal_bytes(store::Store& store, std::uint64_t seed) {
  store::Batch batch(store);
  manifest::DatabaseComponent database;
  database.name = "data";
  database.driver = "sqlite";
  database.path = "data";
  const std::unique_ptr<store::ChunkSink> sink = batch.writer();
  store::ContentWriter writer(*sink, store.cutting_rules());
  writer.write(test::noise(k_large, seed));
  database.image = writer.finish();
  database.size = database.image.size;
  manifest::Manifest manifest = test::note_manifest("snapshot " + std::to_string(seed));
  manifest.databases = {database};
  return store.seal(batch, std::move(manifest));
}

bool is_readable(const store::Store& store, const manifest::Manifest& snapshot) {
  return store::read_whole(store, snapshot.databases.at(0).image, k_large).size() == k_large;
}

class Pruning {
public:
  explicit Pruning(const std::filesystem::path& root)
      : store(store::Store::open(root, store::Access::exclusive)) {}

  prune::Plan named(const std::vector<SnapshotId>& ids) const {
    return prune::plan_named(store, store.snapshots(), ids, cancellation);
  }
  prune::Plan by_policy(const config::Retention& retention) const {
    return prune::plan_by_policy(store, store.snapshots(), retention, k_now, {}, cancellation);
  }
  prune::Plan of(const std::vector<manifest::Summary>& snapshots,
                 const config::Retention& retention) const {
    return prune::plan_by_policy(store, snapshots, retention, k_now, {}, cancellation);
  }
  prune::Pruned execute(prune::Plan plan) {
    return prune::execute(store, std::move(plan), k_now, cancellation, progress);
  }

  store::Store store;
  Cancellation cancellation;
  NoProgress progress;
};

std::filesystem::path make_store(const TemporaryDirectory& place,
                                 std::vector<manifest::Manifest>& snapshots, std::size_t count) {
  store::Store store = store::Store::open_or_create(place / "store");
  for (std::size_t i = 0; i < count; ++i) {
    snapshots.push_back(seal_bytes(store, i));
  }
  return place / "store";
}

} // namespace

TEST_CASE("the room that others take in a shared store costs nobody else a snapshot") {
  const TemporaryDirectory place;
  std::vector<manifest::Manifest> snapshots;
  const std::filesystem::path root = make_store(place, snapshots, 6);
  const Pruning pruning(root);
  std::vector<manifest::Summary> ours = pruning.store.snapshots();
  ours.erase(ours.begin() + 3, ours.end()); // the others are another work tree's
  config::Retention retention;
  retention.max_size = 4 * k_large;

  CHECK(pruning.of(ours, retention).removed.empty());
  retention.max_size = 5 * k_large / 2;
  CHECK(pruning.of(ours, retention).removed.size() == 1);
}

TEST_CASE("the snapshots named go, the others stay whole, and the room is given back") {
  const TemporaryDirectory place;
  std::vector<manifest::Manifest> snapshots;
  Pruning pruning(make_store(place, snapshots, 3));
  const std::uint64_t before = pruning.store.size_in_bytes();

  prune::Plan plan = pruning.named({*snapshots[1].id});
  CHECK(plan.removed.size() == 1);
  CHECK(plan.kept.size() == 2);
  CHECK(plan.bytes_to_free >= k_large);
  CHECK(pruning.store.has_snapshot(*snapshots[1].id)); // a plan alone removes nothing
  const prune::Pruned pruned = pruning.execute(std::move(plan));

  CHECK_FALSE(pruning.store.has_snapshot(*snapshots[1].id));
  CHECK(is_readable(pruning.store, snapshots[0]));
  CHECK(is_readable(pruning.store, snapshots[2]));
  CHECK(pruned.bytes_freed >= k_large);
  CHECK(pruning.store.size_in_bytes() + k_large <= before);
}

TEST_CASE("a policy keeps the newest and says why of every snapshot") {
  const TemporaryDirectory place;
  std::vector<manifest::Manifest> snapshots;
  Pruning pruning(make_store(place, snapshots, 4));
  config::Retention retention;
  retention.keep_last = 2;

  const prune::Plan plan = pruning.by_policy(retention);
  for (const auto* decisions : {&plan.kept, &plan.removed}) {
    for (const retention::Decision& decision : *decisions) {
      CHECK_FALSE(decision.reasons.empty());
    }
  }
  pruning.execute(plan);

  CHECK(pruning.store.snapshots().size() == 2);
  CHECK(is_readable(pruning.store, snapshots[3]));
  CHECK(is_readable(pruning.store, snapshots[2]));
}

TEST_CASE("a pinned snapshot is never pruned, also when it is pinned after the plan was made") {
  const TemporaryDirectory place;
  std::vector<manifest::Manifest> snapshots;
  Pruning pruning(make_store(place, snapshots, 2));
  const prune::Plan plan = pruning.named({*snapshots[0].id});
  manifest::Marks marks;
  marks.pinned = true;
  test::mark(pruning.store, *snapshots[0].id, marks);

  CHECK_THROWS_AS(pruning.named({*snapshots[0].id}), RefusedError);
  CHECK_THROWS_AS(pruning.execute(plan), RefusedError);

  CHECK(is_readable(pruning.store, snapshots[0]));
}

TEST_CASE("a snapshot that does not exist cannot be pruned") {
  const TemporaryDirectory place;
  std::vector<manifest::Manifest> snapshots;
  const Pruning pruning(make_store(place, snapshots, 1));

  CHECK_THROWS_AS(pruning.named({SnapshotId::parse("20200101-000000-abcd").value()}),
                  NotFoundError);
}

TEST_CASE("pruning nothing still gives back what an abandoned snapshot left") {
  const TemporaryDirectory place;
  std::vector<manifest::Manifest> snapshots;
  const std::filesystem::path root = make_store(place, snapshots, 2);
  // Its data is there, its manifest never came: as when the snapshot was killed in between.
  std::filesystem::remove(root / "manifests" / (snapshots[1].id->text() + ".json"));
  std::filesystem::remove(root / "catalog.db");
  Pruning pruning(root);

  const prune::Pruned pruned = pruning.execute(pruning.named({}));

  CHECK(pruned.bytes_freed >= k_large);
  CHECK(is_readable(pruning.store, snapshots[0]));
}

TEST_CASE("a snapshot whose manifest is damaged goes when it is named, and only then") {
  const TemporaryDirectory place;
  std::vector<manifest::Manifest> snapshots;
  const std::filesystem::path root = make_store(place, snapshots, 3);
  const SnapshotId damaged = *snapshots[1].id;
  test::flip_byte(root / "manifests" / (damaged.text() + ".json"), 40);
  const bool is_listed = GENERATE(true, false);
  CAPTURE(is_listed);
  Pruning pruning(root);
  if (!is_listed) {
    static_cast<void>(pruning.store.rebuild_catalog());
  }
  config::Retention only_newest;
  only_newest.keep_last = 1;

  CHECK_THROWS_AS(pruning.execute(pruning.by_policy(only_newest)), CorruptionError);
  CHECK_THROWS_AS(pruning.named({*snapshots[0].id}), CorruptionError);
  const prune::Pruned pruned = pruning.execute(pruning.named({damaged, *snapshots[0].id}));

  CHECK(pruned.bytes_freed >= 2 * k_large);
  CHECK_FALSE(pruning.store.has_snapshot(damaged));
  CHECK(is_readable(pruning.store, snapshots[2]));
  CHECK(pruning.execute(pruning.named({})).bytes_freed == 0);
}

TEST_CASE("a snapshot whose manifest vanished is given up by naming it") {
  const TemporaryDirectory place;
  std::vector<manifest::Manifest> snapshots;
  const std::filesystem::path root = make_store(place, snapshots, 3);
  const std::size_t which = GENERATE(0U, 1U, 2U);
  CAPTURE(which);
  std::filesystem::remove(root / "manifests" / (snapshots[which].id->text() + ".json"));
  Pruning pruning(root);

  CHECK_THROWS_AS(pruning.execute(pruning.named({})), CorruptionError);
  const prune::Pruned pruned = pruning.execute(pruning.named({*snapshots[which].id}));

  CHECK(pruned.bytes_freed >= k_large);
}

TEST_CASE("nothing goes by a policy while a manifest is missing") {
  const TemporaryDirectory place;
  std::vector<manifest::Manifest> snapshots;
  const std::filesystem::path root = make_store(place, snapshots, 3);
  std::filesystem::remove(root / "manifests" / (snapshots[1].id->text() + ".json"));
  Pruning pruning(root);
  config::Retention only_newest;
  only_newest.keep_last = 1;

  CHECK_THROWS_AS(pruning.execute(pruning.by_policy(only_newest)), CorruptionError);

  CHECK(pruning.store.has_snapshot(*snapshots[0].id));
}

TEST_CASE("a damaged snapshot that is pinned stays") {
  const TemporaryDirectory place;
  std::vector<manifest::Manifest> snapshots;
  const std::filesystem::path root = make_store(place, snapshots, 2);
  Pruning pruning(root);
  test::mark(pruning.store, *snapshots[0].id, {.note = "", .tags = {}, .pinned = true});
  test::flip_byte(root / "manifests" / (snapshots[0].id->text() + ".json"), 40);
  static_cast<void>(pruning.store.rebuild_catalog());

  CHECK_THROWS_AS(pruning.execute(pruning.named({*snapshots[0].id})), RefusedError);
}

TEST_CASE("where a journal is damaged, all that could be a side of it stays, and the rest goes") {
  const TemporaryDirectory place;
  std::vector<manifest::Manifest> snapshots;
  Pruning pruning(make_store(place, snapshots, 4));
  const auto seal_safety = [&](const manifest::Manifest& before) {
    store::Batch batch(pruning.store);
    manifest::Manifest safety = test::note_manifest(manifest::safety_note(before));
    safety.trigger = manifest::k_safety_trigger;
    safety.databases = snapshots[3].databases;
    return pruning.store.seal(batch, std::move(safety));
  };
  const manifest::Manifest safety = seal_safety(snapshots[1]);
  store::write_journal(pruning.store, {.tree = {.project = snapshots[0].project, .root_inode = 1},
                                       .target = *snapshots[1].id,
                                       .safety = *safety.id,
                                       .request = json::Value::object()});
  test::shell(place.path(),
              "for f in $(find . -path '*/journals/*.json'); do echo damaged > $f; done");
  config::Retention retention;
  retention.keep_last = 1;

  pruning.execute(pruning.by_policy(retention));

  CHECK(is_readable(pruning.store, snapshots[1]));
  CHECK(is_readable(pruning.store, safety));
  CHECK_FALSE(pruning.store.has_snapshot(*snapshots[0].id));
  CHECK_FALSE(pruning.store.has_snapshot(*snapshots[2].id));
  CHECK_THROWS_AS(pruning.named({*safety.id}), RefusedError);
}

TEST_CASE("what a recovery needs stays, whatever is asked for") {
  const TemporaryDirectory place;
  std::vector<manifest::Manifest> snapshots;
  Pruning pruning(make_store(place, snapshots, 4));
  store::write_journal(pruning.store, {.tree = {.project = snapshots[0].project, .root_inode = 1},
                                       .target = *snapshots[0].id,
                                       .safety = *snapshots[1].id,
                                       .request = json::Value::object()});
  config::Retention retention;
  retention.keep_last = 1;

  pruning.execute(pruning.by_policy(retention));

  CHECK(is_readable(pruning.store, snapshots[0]));
  CHECK(is_readable(pruning.store, snapshots[1]));
  CHECK_FALSE(pruning.store.has_snapshot(*snapshots[2].id));
  CHECK_THROWS_AS(pruning.named({*snapshots[1].id}), RefusedError);
}
