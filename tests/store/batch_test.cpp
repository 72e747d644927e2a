#include "base/error.hpp"
#include "hash/sha256.hpp"
#include "store/store.hpp"
#include "support/catch.hpp"
#include "support/small_store.hpp"
#include "support/temporary_directory.hpp"

#include <atomic>
#include <filesystem>
#include <thread>

using namespace savepoint;
using namespace savepoint::store;
using savepoint::test::noise;
using savepoint::test::note_manifest;
using savepoint::test::seal_text;
using savepoint::test::TemporaryDirectory;

namespace {

std::size_t pack_count(const std::filesystem::path& root) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root / "packs")) {
    count += entry.is_regular_file() ? 1U : 0U;
  }
  return count;
}

std::string text_of(const Bytes& bytes) {
  return std::string(as_text(bytes));
}

} // namespace

TEST_CASE("equal bytes are stored once, within a batch and across batches") {
  const TemporaryDirectory directory;
  const auto root = directory / "store";
  Store store = Store::open_or_create(root);
  const Bytes bytes = noise(100'000, 1);

  Batch first(store);
  CHECK(first.writer()->put(bytes, ChunkKind::data) == first.writer()->put(bytes, ChunkKind::data));
  const manifest::Manifest one = store.seal(first, note_manifest("one"));
  Batch second(store);
  second.writer()->put(bytes, ChunkKind::data);
  const manifest::Manifest two = store.seal(second, note_manifest("two"));

  CHECK(one.bytes_added < 110'000);
  CHECK(two.bytes_added == 0);
  CHECK(pack_count(root) == 1);
}

TEST_CASE("equal bytes are stored once, also among very many, and by the next batch as well") {
  const TemporaryDirectory directory;
  Store store = Store::open_or_create(directory / "store");
  const auto seal_range = [&](std::uint64_t from, std::uint64_t to) {
    Batch batch(store);
    const auto writer = batch.writer();
    for (std::uint64_t seed = from; seed < to; ++seed) {
      writer->put(noise(100, seed), ChunkKind::data);
    }
    return store.seal(batch, note_manifest("range")).bytes_added;
  };
  seal_range(0, 3'000);

  CHECK(seal_range(2'000, 6'000) < 3'100 * (100 + 40));
  CHECK(seal_range(0, 6'000) == 0);
  CHECK(seal_range(5'999, 6'001) < 500);
}

TEST_CASE("a small snapshot is one pack") {
  const TemporaryDirectory directory;
  const auto root = directory / "store";
  Store store = Store::open_or_create(root);
  Batch batch(store);
  const auto one = batch.writer();
  const auto other = batch.writer();
  one->put(as_bytes("data"), ChunkKind::data);
  one->put(as_bytes("meta"), ChunkKind::meta);
  other->put(as_bytes("more data"), ChunkKind::data);

  store.seal(batch, note_manifest("small"));

  CHECK(pack_count(root) == 1);
}

TEST_CASE("chunks of every size come back, in a store of several packs") {
  const TemporaryDirectory directory;
  const auto root = directory / "store";
  std::vector<std::pair<hash::Digest, Bytes>> chunks;
  {
    Store store = Store::open_or_create(root);
    Batch batch(store);
    const auto writer = batch.writer();
    for (std::size_t size : {0U, 1U, 255U, 4096U, 1048575U, 1048576U}) {
      chunks.emplace_back(hash::Digest{}, noise(size, size + 1));
    }
    for (std::uint64_t seed = 0; seed < 40; ++seed) { // 40 MiB that will not compress
      chunks.emplace_back(hash::Digest{}, noise(k_largest_chunk, 1000 + seed));
    }
    for (auto& [id, bytes] : chunks) {
      id = writer->put(bytes, ChunkKind::data);
    }
    store.seal(batch, note_manifest("all sizes"));
  }

  const Store store = Store::open(root, Access::shared);

  CHECK(pack_count(root) == 3);
  for (const auto& [id, bytes] : chunks) {
    CAPTURE(bytes.size());
    CHECK(id == hash::sha256(bytes));
    CHECK((store.get(id) == bytes));
  }
}

TEST_CASE("what compresses is compressed") {
  const TemporaryDirectory directory;
  Store store = Store::open_or_create(directory / "store");
  Batch batch(store);
  batch.writer()->put(Bytes(500'000, std::byte{'a'}), ChunkKind::data);

  CHECK(store.seal(batch, note_manifest("zeros")).bytes_added < 5'000);
}

TEST_CASE("trees of a batch can be read before it is sealed, wherever they are by then") {
  const TemporaryDirectory directory;
  Store store = Store::open_or_create(directory / "store");
  seal_text(store, "from an earlier snapshot");
  Batch batch(store);
  const auto writer = batch.writer();
  std::vector<std::pair<hash::Digest, Bytes>> trees;

  // Enough to have some in packs that are closed, some in open ones, and some in no frame yet.
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Bytes bytes = noise(seed < 50 ? 900'000 : 1'000, seed);
    const hash::Digest id = writer->put(bytes, ChunkKind::meta);
    trees.emplace_back(id, std::move(bytes));
    const auto& [earlier, expected] = trees[seed / 2];
    CHECK((batch.source().get(earlier) == expected));
  }

  for (const auto& [id, bytes] : trees) {
    CHECK((batch.source().get(id) == bytes));
  }
  const hash::Digest below = hash::sha256(as_bytes("from an earlier snapshot"));
  CHECK(text_of(batch.source().get(below)) == "from an earlier snapshot");
  store.seal(batch, note_manifest("trees"));
  for (const auto& [id, bytes] : trees) {
    CHECK((batch.source().get(id) == bytes));
    CHECK((store.get(id) == bytes));
  }
}

TEST_CASE("a batch may be filled by several threads at once") {
  const TemporaryDirectory directory;
  const auto root = directory / "store";
  constexpr std::size_t k_threads = 4;
  constexpr std::size_t k_chunks = 1500;
  Store store = Store::open_or_create(root);
  Batch batch(store);
  std::vector<std::thread> threads;
  for (std::size_t thread = 0; thread < k_threads; ++thread) {
    threads.emplace_back([&batch, thread] {
      const auto writer = batch.writer();
      for (std::size_t index = 0; index < k_chunks; ++index) {
        // Every other chunk is put by all threads.
        const std::uint64_t seed = index % 2 == 0 ? index : index * k_threads + thread + 100'000;
        writer->put(noise(3'000, seed), index % 10 == 0 ? ChunkKind::meta : ChunkKind::data);
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }

  const manifest::Manifest sealed = store.seal(batch, note_manifest("threads"));

  constexpr std::size_t k_unique = k_chunks / 2 * (k_threads + 1);
  CHECK(sealed.bytes_added > k_unique * 3'000);
  CHECK(sealed.bytes_added < k_unique * 3'100);
  std::vector<std::thread> readers;
  std::atomic<std::size_t> wrong{0};
  for (std::size_t thread = 0; thread < k_threads; ++thread) {
    readers.emplace_back([&store, &wrong, thread] {
      for (std::size_t index = 0; index < k_chunks; ++index) {
        const std::uint64_t seed = index % 2 == 0 ? index : index * k_threads + thread + 100'000;
        const Bytes expected = noise(3'000, seed);
        wrong += store.get(hash::sha256(expected)) == expected ? 0U : 1U;
      }
    });
  }
  for (std::thread& reader : readers) {
    reader.join();
  }
  CHECK(wrong == 0);
}

TEST_CASE("a batch that could not write seals nothing, however often one tries") {
  const TemporaryDirectory directory;
  const auto root = directory / "store";
  Store store = Store::open_or_create(root);
  seal_text(store, "before");
  Batch batch(store);
  const auto writer = batch.writer();
  std::filesystem::remove_all(store.scratch_directory());

  bool refused = false;
  for (std::uint64_t seed = 0; seed < 30 && !refused; ++seed) {
    try {
      writer->put(noise(k_largest_chunk, seed), ChunkKind::data);
    } catch (const IoError&) {
      refused = true;
    }
  }

  CHECK(refused);
  CHECK_THROWS_AS(store.seal(batch, note_manifest("no")), IoError);
  std::filesystem::create_directories(store.scratch_directory());
  CHECK_THROWS_AS(store.seal(batch, note_manifest("still no")), IoError);
  CHECK(store.snapshots().size() == 1);
}

TEST_CASE("a manifest that cannot be written leaves no snapshot") {
  const TemporaryDirectory directory;
  const auto root = directory / "store";
  Store store = Store::open_or_create(root);
  seal_text(store, "before");
  Batch batch(store);
  batch.writer()->put(as_bytes("new"), ChunkKind::data);

  std::filesystem::rename(root / "manifests", root / "away");
  test::write_file(root / "manifests", "a file where the directory should be");
  CHECK_THROWS_AS(store.seal(batch, note_manifest("after")), Error);
  std::filesystem::remove(root / "manifests");
  std::filesystem::rename(root / "away", root / "manifests");

  CHECK(store.snapshots().size() == 1);
  CHECK(store.seal(batch, note_manifest("again")).sequence == 2);
  CHECK(store.snapshots().size() == 2);
}

TEST_CASE("a dry batch names chunks and writes nothing") {
  const TemporaryDirectory directory;
  const auto root = directory / "store";
  Store store = Store::open_or_create(root);
  seal_text(store, "stored");
  const std::uint64_t size = store.size_in_bytes();
  DryBatch dry(&store);
  const auto writer = dry.writer();

  const hash::Digest tree = writer->put(as_bytes("tree"), ChunkKind::meta);
  const hash::Digest data = writer->put(as_bytes("data"), ChunkKind::data);

  CHECK(tree == hash::sha256(as_bytes("tree")));
  CHECK(text_of(dry.source().get(tree)) == "tree");
  CHECK(text_of(dry.source().get(hash::sha256(as_bytes("stored")))) == "stored");
  CHECK(writer->contains(data));
  CHECK(writer->contains(hash::sha256(as_bytes("stored"))));
  CHECK_FALSE(writer->contains(hash::sha256(as_bytes("unheard of"))));
  CHECK(store.size_in_bytes() == size);
}

TEST_CASE("a dry batch needs no store") {
  DryBatch dry(nullptr);
  const hash::Digest tree = dry.writer()->put(as_bytes("tree"), ChunkKind::meta);

  CHECK(text_of(dry.source().get(tree)) == "tree");
  CHECK_FALSE(dry.writer()->contains(hash::sha256(as_bytes("other"))));
  CHECK_THROWS_AS(dry.source().get(hash::sha256(as_bytes("other"))), CorruptionError);
}
