#include "base/error.hpp"
#include "hash/sha256.hpp"
#include "store/internal/pack.hpp"
#include "store/internal/pack_shelf.hpp"
#include "store/store.hpp"
#include "support/catch.hpp"
#include "support/format_example.hpp"
#include "support/small_store.hpp"
#include "support/temporary_directory.hpp"

#include <atomic>
#include <filesystem>
#include <thread>

using namespace savepoint;
using namespace savepoint::store;
using savepoint::test::noise;
using savepoint::test::note_manifest;
using savepoint::test::TemporaryDirectory;

namespace {

std::vector<std::filesystem::path> packs_in(const std::filesystem::path& root) {
  std::vector<std::filesystem::path> packs;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root / "packs")) {
    if (entry.is_regular_file()) {
      packs.push_back(entry.path());
    }
  }
  return packs;
}

struct Sample {
  std::filesystem::path root;
  std::vector<std::pair<hash::Digest, Bytes>> chunks;
};

// One pack with a compressed frame of data, one that does not compress, and one of trees.
Sample make_sample(const std::filesystem::path& root) {
  Sample sample{root, {}};
  Store store = Store::open_or_create(root);
  Batch batch(store);
  const auto writer = batch.writer();
  const auto put = [&](Bytes bytes, ChunkKind kind) {
    const hash::Digest id = writer->put(bytes, kind);
    sample.chunks.emplace_back(id, std::move(bytes));
  };
  put(to_bytes(std::string(300, 'a') + "bc"), ChunkKind::data);
  put(to_bytes("short"), ChunkKind::data);
  put(to_bytes("tree"), ChunkKind::meta);
  put(Bytes(64, std::byte{7}), ChunkKind::meta);
  store.seal(batch, note_manifest("sample"));
  return sample;
}

// Every chunk is either itself or damage; how many were damage?
std::size_t count_damaged(const Sample& sample) {
  const Store store = Store::open(sample.root, Access::shared);
  std::size_t damaged = 0;
  for (const auto& [id, bytes] : sample.chunks) {
    try {
      if (store.get(id) != bytes) {
        FAIL("wrong bytes were returned");
      }
    } catch (const CorruptionError& error) {
      CHECK_THAT(error.what(), Catch::Contains(".pack") || Catch::Contains("in no pack"));
      ++damaged;
    }
  }
  return damaged;
}

} // namespace

TEST_CASE("to read one tree only few of its neighbours are decompressed") {
  const TemporaryDirectory directory;
  const auto root = directory / "store";
  std::vector<std::pair<hash::Digest, Bytes>> trees;
  {
    Store store = Store::open_or_create(root);
    Batch batch(store);
    const auto writer = batch.writer();
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
      Bytes tree = noise(10'000, seed);
      trees.emplace_back(writer->put(tree, ChunkKind::meta), std::move(tree));
    }
    Bytes largest = noise(k_largest_chunk, 1000);
    trees.emplace_back(writer->put(largest, ChunkKind::meta), std::move(largest));
    store.seal(batch, note_manifest("trees"));
  }

  const Store store = Store::open(root, Access::shared);

  for (const auto& [id, bytes] : trees) {
    CHECK(store.get(id) == bytes);
  }
  for (const auto& path : packs_in(root)) {
    const PackReader pack(path, hash::Digest::from_hex(path.stem().string()).value());
    for (const PackFrame& frame : pack.frames()) {
      CHECK((frame.raw_length <= 128U << 10U || frame.raw_length == k_largest_chunk));
    }
  }
}

TEST_CASE("a damaged chunk is never returned, wherever the damage") {
  const TemporaryDirectory directory;
  const Sample sample = make_sample(directory / "store");
  REQUIRE(packs_in(sample.root).size() == 1);
  const auto pack = packs_in(sample.root).front();
  const std::string whole = test::read_file(pack);
  CHECK(count_damaged(sample) == 0);

  std::size_t damaged = 0;
  for (std::size_t offset = 0; offset < whole.size(); ++offset) {
    CAPTURE(offset);
    std::string changed = whole;
    changed[offset] = static_cast<char>(changed[offset] ^ 0x20);
    test::write_file(pack, changed);
    const std::size_t found = count_damaged(sample);
    CHECK(found > 0);
    damaged += found;
  }
  CHECK(damaged >= whole.size());
}

TEST_CASE("a pack cut short anywhere, or with something behind it, is damage") {
  const TemporaryDirectory directory;
  const Sample sample = make_sample(directory / "store");
  const auto pack = packs_in(sample.root).front();
  const std::string whole = test::read_file(pack);

  for (std::size_t length = 0; length < whole.size(); ++length) {
    CAPTURE(length);
    test::write_file(pack, whole.substr(0, length));
    CHECK(count_damaged(sample) == sample.chunks.size());
  }
  test::write_file(pack, whole + "x");
  CHECK(count_damaged(sample) == sample.chunks.size());
}

TEST_CASE("a pack that is gone is damage that names it") {
  const TemporaryDirectory directory;
  const Sample sample = make_sample(directory / "store");
  const auto pack = packs_in(sample.root).front();
  std::optional<Store> store(Store::open(sample.root, Access::shared));
  CHECK_FALSE(store->snapshots().empty());

  std::filesystem::remove(pack);

  CHECK_THROWS_WITH(store->get(sample.chunks.front().first),
                    Catch::Contains(pack.filename().string()));
  CHECK_FALSE(store->contains(sample.chunks.front().first));
}

TEST_CASE("a pack under another's name is not believed") {
  const TemporaryDirectory directory;
  const Sample sample = make_sample(directory / "store");
  const auto pack = packs_in(sample.root).front();
  {
    Store other = Store::open_or_create(directory / "other");
    test::seal_text(other, "other bytes");
  }
  std::filesystem::copy_file(packs_in(directory / "other").front(), pack,
                             std::filesystem::copy_options::overwrite_existing);

  CHECK(count_damaged(sample) == sample.chunks.size());
}

TEST_CASE("a chunk that two packs hold survives the loss of either") {
  const TemporaryDirectory directory;
  const auto root = directory / "store";
  const Bytes bytes = noise(5'000, 1);
  hash::Digest id;
  {
    Store one = Store::open_or_create(root);
    Store other = Store::open(root, Access::shared);
    Batch first(one);
    Batch second(other);
    id = first.writer()->put(bytes, ChunkKind::data);
    first.writer()->put(as_bytes("first"), ChunkKind::data);
    second.writer()->put(bytes, ChunkKind::data);
    one.seal(first, note_manifest("first"));
    other.seal(second, note_manifest("second"));
  }
  const auto packs = packs_in(root);
  REQUIRE(packs.size() == 2);

  const auto lost = GENERATE(0U, 1U);
  SECTION("removed") {
    std::filesystem::remove(packs[lost]);
  }
  SECTION("damaged inside") {
    std::string content = test::read_file(packs[lost]);
    content[100] = static_cast<char>(content[100] ^ 0x20);
    test::write_file(packs[lost], content);
  }

  const Store store = Store::open(root, Access::shared);
  CHECK((store.get(id) == bytes));
}

TEST_CASE("what was found damaged is stored anew by the next snapshot") {
  const TemporaryDirectory directory;
  const Sample sample = make_sample(directory / "store");
  const auto pack = packs_in(sample.root).front();
  const auto& [id, bytes] = sample.chunks.front();
  std::string content = test::read_file(pack);
  SECTION("gone") {
    std::filesystem::remove(pack);
  }
  SECTION("cut short") {
    test::write_file(pack, content.substr(0, content.size() / 2));
  }
  SECTION("a wrong byte inside, met when reading") {
    content[20] = static_cast<char>(content[20] ^ 0x20);
    test::write_file(pack, content);
  }

  Store store = Store::open(sample.root, Access::shared);
  CHECK_THROWS_AS(store.get(id), CorruptionError);
  Batch batch(store);
  batch.writer()->put(bytes, ChunkKind::data);
  store.seal(batch, note_manifest("again"));

  CHECK((Store::open(sample.root, Access::shared).get(id) == bytes));
}

TEST_CASE("a pack is named by the SHA-256 of its footer") {
  const TemporaryDirectory directory;
  const Sample sample = make_sample(directory / "store");
  const auto path = packs_in(sample.root).front();
  const std::string content = test::read_file(path);
  const ByteView whole = as_bytes(content);
  const PackTrailer trailer = decode_trailer(whole.last(k_pack_trailer_size), "the pack");

  const ByteView footer = whole.subspan(whole.size() - k_pack_trailer_size - trailer.footer_length,
                                        trailer.footer_length);

  CHECK(hash::sha256(footer).hex() == path.stem());
  CHECK(path.parent_path().filename() == path.stem().string().substr(0, 2));
}

TEST_CASE("the example of a pack in the documentation is what we write and read") {
  const ReadBase no_bases = [](const hash::Digest&) -> Bytes { throw CorruptionError("no base"); };
  const TemporaryDirectory directory;
  const Layout layout(directory.path());
  const auto frame_of = [&no_bases](ChunkKind kind,
                                    std::initializer_list<std::string_view> chunks) {
    RawFrame raw;
    raw.kind = kind;
    for (const std::string_view chunk : chunks) {
      raw.add(hash::sha256(as_bytes(chunk)), as_bytes(chunk));
    }
    codec::FrameCompressor compressor(1);
    return encode_frame(compressor, raw, no_bases);
  };
  PackWriter writer(directory.path());
  writer.append(frame_of(ChunkKind::data, {"hello", "world"}));
  writer.append(frame_of(ChunkKind::meta, {"tree"}));

  const hash::Digest name = writer.commit(layout);

  const std::string written = test::read_file(layout.pack(name));
  CHECK(to_bytes(written) == test::format_example("pack"));
  const PackReader pack(layout.pack(name), name);
  REQUIRE(pack.chunks().size() == 3);
  CHECK(pack.read_frame(0, no_bases) == to_bytes("helloworld"));
  CHECK(pack.read_frame(1, no_bases) == to_bytes("tree"));
}

TEST_CASE("numbers in a footer are not believed") {
  const hash::Digest id = hash::sha256(as_bytes("x"));
  PackFooter footer;
  footer.frames.push_back({k_pack_header_size, 10, 10, 0, FrameCodec::raw, ChunkKind::data});
  footer.chunks.push_back({id, 0, 0, 10});
  const std::uint64_t around = k_pack_header_size + 10 + k_pack_trailer_size;
  const auto decode = [&](std::uint64_t more) {
    const Bytes bytes = encode_footer(footer);
    return decode_footer(bytes, around + bytes.size() + more, "the pack");
  };
  CHECK(decode(0).chunks.size() == 1);

  SECTION("frames that do not fill the pack") {
    CHECK_THROWS_AS(decode(1), CorruptionError);
  }
  SECTION("chunks that do not fill their frame") {
    footer.chunks[0].length = 9;
    CHECK_THROWS_AS(decode(0), CorruptionError);
  }
  SECTION("chunks that reach beyond it") {
    footer.chunks[0].length = 11;
    CHECK_THROWS_AS(decode(0), CorruptionError);
  }
  SECTION("frames larger than frames may be") {
    footer.frames[0].raw_length = k_largest_frame + 1;
    footer.chunks[0].length = k_largest_frame + 1;
    footer.frames[0].codec = FrameCodec::zstd;
    CHECK_THROWS_AS(decode(0), CorruptionError);
  }
  SECTION("raw frames of two lengths") {
    footer.frames[0].raw_length = 11;
    footer.chunks[0].length = 11;
    CHECK_THROWS_AS(decode(0), CorruptionError);
  }
  SECTION("an unknown way to compress") {
    footer.frames[0].codec = static_cast<FrameCodec>(7);
    CHECK_THROWS_AS(decode(0), CorruptionError);
  }
  SECTION("an unknown kind") {
    footer.frames[0].kind = static_cast<ChunkKind>(0);
    CHECK_THROWS_AS(decode(0), CorruptionError);
  }
  SECTION("cut short") {
    const Bytes bytes = encode_footer(footer);
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      CAPTURE(length);
      const ByteView part = ByteView(bytes).first(length);
      CHECK_THROWS_AS(decode_footer(part, around + length, "the pack"), CorruptionError);
    }
  }
  SECTION("more frames than could be there") {
    const Bytes bytes = to_bytes("\xff\xff\xff\xff\xff\xff\xff\xff\x7f");
    CHECK_THROWS_AS(decode_footer(bytes, around, "the pack"), CorruptionError);
  }
}

TEST_CASE("neighbouring chunks are decompressed together, once, by however many threads") {
  FrameCache cache(1000);
  std::atomic<int> decoded{0};
  const auto decode = [&] {
    ++decoded;
    return Bytes(100);
  };
  const hash::Digest pack = hash::sha256(as_bytes("pack"));
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      for (std::uint32_t frame = 0; frame < 5; ++frame) {
        static_cast<void>(cache.get({pack, frame}, decode));
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(decoded == 5);

  for (std::uint32_t frame = 0; frame < 30; ++frame) { // more than fit
    static_cast<void>(cache.get({pack, frame}, decode));
  }
  CHECK(decoded == 30);
  static_cast<void>(cache.get({pack, 29}, decode));
  CHECK(decoded == 30);
  static_cast<void>(cache.get({pack, 0}, decode));
  CHECK(decoded == 31);
}

TEST_CASE("each chunk of a pack is found, however many were asked for before") {
  const TemporaryDirectory directory;
  const Layout layout(directory.path());
  RawFrame raw;
  std::vector<hash::Digest> ids;
  for (int number = 0; number < 60; ++number) {
    const std::string text = "chunk " + std::to_string(number);
    ids.push_back(hash::sha256(as_bytes(text)));
    raw.add(ids.back(), as_bytes(text));
  }
  codec::FrameCompressor compressor(1);
  PackWriter writer(directory.path());
  writer.append(encode_frame(compressor, raw, {}));
  const hash::Digest name = writer.commit(layout);

  const PackReader pack(layout.pack(name), name);

  for (std::size_t i = 0; i < ids.size(); ++i) {
    const PackChunk* const chunk = pack.find(ids[i]);
    REQUIRE(chunk != nullptr);
    CHECK(chunk->id == ids[i]);
    CHECK(pack.find(hash::sha256(as_bytes("none " + std::to_string(i)))) == nullptr);
  }
}
