#include "base/error.hpp"
#include "hash/checksum.hpp"
#include "store/check.hpp"
#include "store/internal/header.hpp"
#include "store/internal/pack.hpp"
#include "store/reclaim.hpp"
#include "support/catch.hpp"
#include "support/pruning.hpp"
#include "support/sample_store.hpp"

#include <algorithm>
#include <optional>

using namespace savepoint;
using namespace savepoint::store;
using manifest::Content;
using test::is_whole;
using test::noise;
using test::SampleStore;

namespace {

constexpr std::size_t k_mib = std::size_t{1} << 20U;
constexpr std::size_t k_block = std::size_t{16} << 10U;
constexpr Cut k_pages{.block_size = k_block};
constexpr Cut k_dump{.average_chunk = std::size_t{4} << 10U};

/// A snapshot of one database, and how much it added to the store.
struct Taken {
  SnapshotId id;
  Content image;
  std::uint64_t bytes_added = 0;
};

manifest::DatabaseComponent put(Store& store, Batch& batch, const std::string& name,
                                const Bytes& image, const std::optional<Content>& earlier,
                                const Cut& cut = k_pages) {
  manifest::DatabaseComponent database;
  database.name = name;
  database.driver = "sqlite";
  const std::unique_ptr<ChunkSink> sink = batch.writer();
  ContentWriter writer(*sink, store.cutting_rules(), cut,
                       earlier ? std::optional(ExtentCursor(store, *earlier)) : std::nullopt);
  writer.write(image);
  database.image = writer.finish();
  return database;
}

Taken take(const SampleStore& sample, const Bytes& image, const std::optional<Content>& earlier,
           const Cut& cut = k_pages) {
  Store store = sample.shared();
  Batch batch(store);
  manifest::Manifest manifest = test::note_manifest("a database");
  const manifest::DatabaseComponent database = put(store, batch, "app.db", image, earlier, cut);
  manifest.databases.push_back(database);
  const manifest::Manifest sealed = store.seal(batch, std::move(manifest));
  return {*sealed.id, database.image, sealed.bytes_added};
}

Bytes read(const SampleStore& sample, const Taken& taken) {
  return read_whole(sample.shared(), taken.image, taken.image.size);
}

/// A few bytes in every `step`th block become `value`.
Bytes changed(Bytes image, std::size_t step, int value) {
  for (std::size_t at = 100; at + 8 < image.size(); at += step * k_block) {
    for (std::size_t i = 0; i < 8; ++i) {
      image[at + i] = static_cast<std::byte>(value + static_cast<int>(i));
    }
  }
  return image;
}

std::size_t frames_with_bases(const SampleStore& sample) {
  std::size_t count = 0;
  for (const std::filesystem::path& path : sample.packs()) {
    const PackReader pack(path, *hash::Digest::from_hex(path.stem().native()));
    count += static_cast<std::size_t>(
        std::ranges::count(pack.frames(), FrameCodec::delta, &PackFrame::codec));
  }
  return count;
}

/// Frees what removed snapshots alone needed.
void prune(const SampleStore& sample, const std::vector<SnapshotId>& gone) {
  test::remove(sample, gone);
  static_cast<void>(test::reclaim(sample));
}

std::string rows(std::size_t count, std::size_t changed_every, std::size_t added) {
  std::string text;
  for (std::size_t row = 0; row < count; ++row) {
    const Bytes random = noise(60, row);
    text += std::to_string(row) + '\t';
    for (const std::byte letter : random) {
      text += static_cast<char>('a' + (std::to_integer<unsigned>(letter) % 26U));
    }
    text += changed_every != 0 && row % changed_every == 0 ? "\tpaid\n" : "\tnew\n";
    if (row == count / 2) {
      for (std::size_t extra = 0; extra < added; ++extra) {
        text += "x" + std::to_string(extra) + "\tanother row\tnew\n";
      }
    }
  }
  return text;
}

} // namespace

TEST_CASE("an image of which little changed takes little room, and comes back exactly") {
  const SampleStore sample;
  const Bytes first = noise(8 * k_mib, 1);
  const Bytes second = changed(first, 8, 1);
  const Taken one = take(sample, first, std::nullopt);

  const Taken two = take(sample, second, one.image);

  CHECK(two.bytes_added < k_mib / 16); // a mebibyte of blocks changed
  CHECK(frames_with_bases(sample) > 0);
  CHECK((read(sample, one) == first));
  CHECK((read(sample, two) == second));
  CHECK(is_whole(sample));
}

TEST_CASE("how an image is stored does not show in its name") {
  const SampleStore sample;
  const SampleStore other(sample.root().parent_path() / "other");
  std::filesystem::copy_file(sample.root() / "store.json", other.root() / "store.json",
                             std::filesystem::copy_options::overwrite_existing);
  const Bytes first = noise(2 * k_mib, 2);
  const Taken one = take(sample, first, std::nullopt);

  const Taken two = take(sample, changed(first, 3, 1), one.image);

  CHECK((two.image == take(other, changed(first, 3, 1), std::nullopt).image));
}

TEST_CASE("every later change hangs on the first image, whatever became of those between") {
  const SampleStore sample;
  const Bytes first = noise(4 * k_mib, 3);
  const Taken one = take(sample, first, std::nullopt);
  const Taken two = take(sample, changed(first, 4, 1), one.image);
  const Bytes last = changed(first, 4, 77);
  const Taken three = take(sample, last, two.image);
  CHECK(three.bytes_added < k_mib / 16);

  prune(sample, {two.id});

  CHECK((read(sample, three) == last));
  CHECK(is_whole(sample));
}

TEST_CASE("what others hang on stays when its own snapshot goes, and goes with the last of them") {
  const SampleStore sample;
  const Bytes first = noise(4 * k_mib, 4);
  const Bytes second = changed(first, 2, 1);
  const Taken one = take(sample, first, std::nullopt);
  const Taken two = take(sample, second, one.image);

  prune(sample, {one.id});
  CHECK((read(sample, two) == second));
  CHECK(is_whole(sample));
  std::filesystem::remove(sample.root() / "catalog.db");
  CHECK((read(sample, two) == second));

  prune(sample, {two.id});
  CHECK(sample.packs().empty());
}

TEST_CASE(
    "what is stored with others is read with all that they hang on, whatever is still needed") {
  const SampleStore sample;
  const Bytes first = noise(8 * k_mib, 10);
  // As long as the first quarter: most of the first pack is not needed by what comes after.
  const Bytes second = changed(Bytes(first.begin(), first.begin() + 2 * k_mib), 1, 1);
  Bytes third = second;
  for (std::size_t at = 0; at < third.size(); at += 3 * k_block) {
    const Bytes another = noise(k_block, 1'000 + at);
    std::copy(another.begin(), another.end(), third.begin() + static_cast<std::ptrdiff_t>(at));
  }
  const Taken one = take(sample, first, std::nullopt);
  const Taken two = take(sample, second, one.image);
  const Taken three = take(sample, third, two.image);
  const std::uintmax_t before = sample.pack_bytes();

  prune(sample, {one.id, two.id});

  CHECK(sample.pack_bytes() < before / 2);
  CHECK(frames_with_bases(sample) > 0);
  CHECK((read(sample, three) == third));
  CHECK(is_whole(sample));
  prune(sample, {});
  CHECK((read(sample, three) == third));
}

TEST_CASE("packs that are rewritten keep what hangs on others as small as it was") {
  const SampleStore sample;
  const Bytes first = noise(4 * k_mib, 5);
  const Taken one = take(sample, first, std::nullopt);
  // Half of the changes are gone again in the snapshot that stays.
  const Bytes both = changed(changed(first, 4, 1), 1, 9);
  const Taken two = take(sample, both, one.image);
  Bytes kept = first;
  std::copy_n(both.begin(), k_mib, kept.begin());
  const Taken three = take(sample, kept, two.image);
  const std::uintmax_t before = sample.pack_bytes();

  prune(sample, {two.id});

  CHECK(sample.pack_bytes() < before);
  CHECK(frames_with_bases(sample) > 0);
  CHECK((read(sample, one) == first));
  CHECK((read(sample, three) == kept));
  CHECK(is_whole(sample));
}

TEST_CASE("damage to what others hang on is damage to them, and the next snapshot heals it") {
  const SampleStore sample;
  const Bytes first = noise(2 * k_mib, 6);
  const Bytes second = changed(first, 8, 1);
  const Taken one = take(sample, first, std::nullopt);
  const auto packs = sample.packs();
  const Taken two = take(sample, second, one.image);
  for (const std::filesystem::path& pack : packs) {
    for (std::size_t at = 1'000; at < std::filesystem::file_size(pack) / 2; at += 50'000) {
      test::flip_byte(pack, at);
    }
  }

  CHECK_THROWS_AS(read(sample, two), CorruptionError);
  CHECK_FALSE(is_whole(sample));
  {
    const Store store = sample.shared();
    NoProgress progress;
    plan_healing(store, check_packs(store, ReadData::yes, Cancellation(), progress), ReadData::yes);
  }
  const Taken three = take(sample, second, two.image);

  CHECK((read(sample, three) == second));
  CHECK((read(sample, two) == second));
}

TEST_CASE("that what others hang on is gone is noticed without reading them") {
  const SampleStore sample;
  const Bytes first = noise(2 * k_mib, 11);
  const Taken one = take(sample, first, std::nullopt);
  const auto packs = sample.packs();
  static_cast<void>(take(sample, changed(first, 8, 1), one.image));
  const auto check = [&] {
    NoProgress progress;
    const Cancellation cancellation;
    return check_packs(sample.shared(), ReadData::no, cancellation, progress);
  };
  REQUIRE(check().empty());

  for (const std::filesystem::path& pack : packs) {
    std::filesystem::remove(pack);
  }

  const std::vector<DamagedFile> damaged = check();
  REQUIRE(damaged.size() == 1);
  CHECK_THAT(damaged.front().what, Catch::Contains("hangs"));
  CHECK(damaged.front().chunks.size() == 2 * k_mib / k_block / 8);
}

TEST_CASE("nothing in the store loses what it hangs on, needed or not") {
  const SampleStore sample;
  const Bytes first = noise(4 * k_mib, 21);
  const Bytes second = changed(first, 4, 1);
  const Bytes other = noise(8 * k_mib, 22);
  const Taken one = take(sample, first, std::nullopt);
  std::optional<SnapshotId> two;
  {
    Store store = sample.shared();
    Batch batch(store);
    manifest::Manifest manifest = test::note_manifest("two databases");
    manifest.databases.push_back(put(store, batch, "app.db", second, one.image));
    manifest.databases.push_back(put(store, batch, "other.db", other, std::nullopt));
    two = store.seal(batch, std::move(manifest)).id;
  }
  const Taken three = take(sample, other, std::nullopt); // keeps the pack of the second

  prune(sample, {one.id, *two});

  REQUIRE(frames_with_bases(sample) > 0);
  CHECK(is_whole(sample));
  const Taken four = take(sample, second, std::nullopt);
  CHECK((read(sample, four) == second));
  prune(sample, {three.id, four.id});
  CHECK(sample.packs().empty());
}

TEST_CASE("what hung on something that is gone is stored anew") {
  const SampleStore sample;
  const Bytes first = noise(2 * k_mib, 23);
  const Bytes second = changed(first, 8, 1);
  const Taken one = take(sample, first, std::nullopt);
  const auto packs = sample.packs();
  static_cast<void>(take(sample, second, one.image));
  for (const std::filesystem::path& pack : packs) {
    std::filesystem::remove(pack);
  }

  const Taken again = take(sample, second, std::nullopt);

  CHECK((read(sample, again) == second));
}

TEST_CASE("what a pack hangs on that is missing for the moment is there when it comes back") {
  const SampleStore sample;
  const Bytes first = noise(k_block, 24); // one chunk, and no list of any
  const Bytes second = changed(first, 1, 1);
  const Taken one = take(sample, first, std::nullopt);
  const auto packs = sample.packs();
  const Taken two = take(sample, second, one.image);
  REQUIRE(frames_with_bases(sample) == 1);
  const std::filesystem::path away = sample.root().parent_path() / "away";
  std::filesystem::path missing;
  for (const std::filesystem::path& pack : sample.packs()) {
    missing = std::ranges::count(packs, pack) == 0 ? pack : missing;
  }
  std::filesystem::rename(missing, away);

  prune(sample, {one.id});
  std::filesystem::rename(away, missing);

  CHECK((read(sample, two) == second));
  prune(sample, {two.id});
  CHECK(sample.packs().empty());
}

TEST_CASE("a dump with rows changed and added all over takes little room") {
  const SampleStore sample;
  const std::string before = rows(40'000, 0, 0);
  const std::string after = rows(40'000, 100, 3);
  const Taken one = take(sample, to_bytes(before), std::nullopt, k_dump);

  const Taken alone = take(SampleStore(), to_bytes(after), std::nullopt, k_dump);
  const Taken two = take(sample, to_bytes(after), one.image, k_dump);

  CHECK(two.bytes_added < alone.bytes_added / 15); // where chunks end is each store's own
  CHECK((read(sample, two) == to_bytes(after)));
}

TEST_CASE("what is nothing like the chunk it was taken for stands for itself") {
  const SampleStore sample;
  const Taken one = take(sample, noise(2 * k_mib, 7), std::nullopt);
  const Bytes other = noise(2 * k_mib, 8);

  const Taken two = take(sample, other, one.image);

  CHECK(frames_with_bases(sample) == 0);
  CHECK((read(sample, two) == other));
}

TEST_CASE("a store of the first kind never has frames with bases") {
  const SampleStore sample;
  StoreHeader header = parse_header(test::read_file(sample.root() / "store.json"), "store.json");
  header.read_features.clear();
  header.write_features.clear();
  header.prune_features.clear();
  test::write_file(sample.root() / "store.json", print_header(header));
  const Bytes first = noise(2 * k_mib, 9);
  const Taken one = take(sample, first, std::nullopt);

  const Taken two = take(sample, changed(first, 8, 1), one.image);

  CHECK(frames_with_bases(sample) == 0);
  CHECK((read(sample, two) == changed(first, 8, 1)));
}

TEST_CASE("a base that hangs on another is refused, and no circle of them is followed") {
  const SampleStore sample;
  const Bytes a = noise(k_block, 10);
  const Bytes b = changed(a, 1, 1);
  const hash::Digest a_id = hash::sha256(a);
  const hash::Digest b_id = hash::sha256(b);
  const Store store = sample.shared();
  codec::FrameCompressor compressor(1);
  PackWriter writer(store.scratch_directory());
  const auto append = [&](const Bytes& base, const hash::Digest& base_id, const Bytes& bytes,
                          const hash::Digest& id) {
    const ByteView stored = compressor.compress_against(base, bytes);
    writer.append({.kind = ChunkKind::data,
                   .codec = FrameCodec::delta,
                   .raw_length = static_cast<std::uint32_t>(bytes.size()),
                   .checksum = hash::checksum64(stored),
                   .stored = Bytes(stored.begin(), stored.end()),
                   .chunks = {{id, static_cast<std::uint32_t>(bytes.size())}},
                   .bases = {base_id}});
  };
  append(a, a_id, b, b_id);
  append(b, b_id, a, a_id);
  static_cast<void>(writer.commit(Layout(sample.root())));

  CHECK_THROWS_AS(store.get(a_id), CorruptionError);
  CHECK_THROWS_AS(store.get(b_id), CorruptionError);
}
