#include "store/content.hpp"

#include "base/binary.hpp"
#include "base/error.hpp"
#include "hash/sha256.hpp"
#include "store/internal/content_list.hpp"
#include "support/catch.hpp"
#include "support/format_example.hpp"
#include "support/memory_chunks.hpp"

#include <algorithm>
#include <set>

using namespace savepoint;
using namespace savepoint::store;
using manifest::Content;
using test::MemoryChunks;
using test::pseudo_random;

namespace {

constexpr CuttingRules k_rules{.seed = 42};
constexpr std::size_t k_mib = std::size_t{1} << 20U;
constexpr std::size_t k_small = std::size_t{8} << 10U;
constexpr std::size_t k_page = std::size_t{16} << 10U;

Content write_in_pieces(MemoryChunks& chunks, ByteView bytes, std::size_t piece,
                        const Cut& cut = {}) {
  ContentWriter writer(chunks, k_rules, cut);
  for (; !bytes.empty(); bytes = bytes.subspan(std::min(piece, bytes.size()))) {
    writer.write(bytes.first(std::min(piece, bytes.size())));
  }
  return writer.finish();
}

Content write(MemoryChunks& chunks, ByteView bytes, const Cut& cut = {}) {
  return write_in_pieces(chunks, bytes, bytes.size() + 1, cut);
}

std::vector<Extent> extents(const ChunkSource& source, const Content& content) {
  std::vector<Extent> all;
  for_each_extent(source, content, [&](const Extent& extent) { all.push_back(extent); });
  return all;
}

std::vector<std::uint64_t> lengths(const ChunkSource& source, const Content& content) {
  std::vector<std::uint64_t> all;
  for (const Extent& extent : extents(source, content)) {
    all.push_back(extent.length);
  }
  return all;
}

std::set<hash::Digest> chunk_names(const ChunkSource& source, const Content& content) {
  std::set<hash::Digest> all;
  for (const Extent& extent : extents(source, content)) {
    all.insert(extent.chunk.value());
  }
  return all;
}

/// A list as small as can be that has everything in it.
ContentList sample_list() {
  return {.level = 0,
          .entries = {{.length = 5, .id = hash::sha256(as_bytes("hello")), .chunk_offset = 0},
                      {.length = 1'000'000, .id = std::nullopt},
                      {.length = 3, .id = hash::sha256(as_bytes("hello")), .chunk_offset = 2}}};
}

} // namespace

TEST_CASE("a content comes back byte for byte, whatever its size and however it is handed over") {
  const std::size_t size = GENERATE(as<std::size_t>{}, 1, 65'535, 262'143, 262'144, 262'145, k_mib,
                                    k_mib + 1, 3 * k_mib + 7);
  const std::size_t piece = GENERATE(as<std::size_t>{}, 1'000, 65'536, 300'000, 64 * k_mib);
  const Cut cut = GENERATE(Cut{}, Cut{.block_size = k_page}, Cut{.block_size = k_mib},
                           Cut{.average_chunk = k_small});
  CAPTURE(size, piece, cut.block_size, cut.average_chunk);
  MemoryChunks chunks;
  const Bytes bytes = pseudo_random(size, size);

  const Content content = write_in_pieces(chunks, bytes, piece, cut);

  CHECK(content.size == size);
  CHECK((read_whole(chunks, content, size) == bytes));
  CHECK(content == write(chunks, bytes, cut)); // however it is handed over
}

TEST_CASE("nothing at all takes no chunk") {
  MemoryChunks chunks;

  const Content content = write(chunks, {});

  CHECK(content == Content{});
  CHECK(chunks.all().empty());
  CHECK(read_whole(chunks, content, 0).empty());
}

TEST_CASE("a file below 256 KiB is one chunk named by its SHA-256") {
  MemoryChunks chunks;
  const Bytes bytes = pseudo_random(CuttingRules::k_whole_below - 1, 1);

  for (const std::size_t block_size : {std::size_t{0}, k_page}) {
    const Content content = write_in_pieces(chunks, bytes, 10'000, {.block_size = block_size});

    CHECK(content.form == Content::Form::chunk);
    CHECK(content.id == hash::sha256(bytes));
  }
  CHECK(chunks.all().size() == 1);
}

TEST_CASE("chunks are no smaller than 64 KiB, no larger than 1 MiB, and 256 KiB or so on average") {
  MemoryChunks chunks;

  const auto all = lengths(chunks, write(chunks, pseudo_random(40 * k_mib, 2)));

  CHECK(std::all_of(all.begin(), all.end() - 1, [](std::uint64_t length) {
    return length >= CuttingRules::k_smallest && length <= CuttingRules::k_largest;
  }));
  CHECK(all.size() > 40 * k_mib / 400'000);
  CHECK(all.size() < 40 * k_mib / 200'000);
}

TEST_CASE("chunks of a dump are as small as it asks for, in the same proportions") {
  MemoryChunks chunks;

  const auto all =
      lengths(chunks, write(chunks, pseudo_random(2 * k_mib, 2), {.average_chunk = k_small}));

  CHECK(std::all_of(all.begin(), all.end() - 1, [](std::uint64_t length) {
    return length >= k_small / 4 && length <= k_small * 4;
  }));
  CHECK(all.size() > 2 * k_mib / (k_small * 2));
  CHECK(all.size() < 2 * k_mib / (k_small / 2));
}

TEST_CASE(
    "a row added to a large dump costs a few chunks and lists, although all behind it moves") {
  MemoryChunks chunks;
  Bytes dump = pseudo_random(24 * k_mib, 5); // some 3,000 chunks, 30 lists
  const Cut cut{.average_chunk = k_small};
  static_cast<void>(write(chunks, dump, cut));
  chunks.added = 0;

  dump.insert(dump.begin() + k_mib, 100, std::byte{7});
  const Content changed = write(chunks, dump, cut);

  CHECK(chunks.added < 10);
  CHECK((read_whole(chunks, changed, dump.size()) == dump));
}

TEST_CASE("small chunks are cut where they always were") {
  MemoryChunks chunks;

  const Content content = write(chunks, pseudo_random(40'000, 7), {.average_chunk = k_small});

  CHECK(lengths(chunks, content) == std::vector<std::uint64_t>{9386, 10515, 10511, 9399, 189});
}

TEST_CASE("a content that never looks like a cut is cut at 1 MiB") {
  MemoryChunks chunks;

  const auto all = lengths(chunks, write(chunks, Bytes(2 * k_mib + 5, std::byte{0})));

  CHECK(all == std::vector<std::uint64_t>{k_mib, k_mib, 5});
}

TEST_CASE("cuts are where they always were") {
  MemoryChunks chunks;

  const Content content = write(chunks, pseudo_random(2 * k_mib, 7));

  CHECK(lengths(chunks, content) == std::vector<std::uint64_t>{269303, 350910, 309076, 284632,
                                                               98656, 267531, 295079, 97109,
                                                               124856});
}

TEST_CASE("another store cuts elsewhere, so that sizes of chunks do not give away what is in it") {
  MemoryChunks chunks;
  const Bytes bytes = pseudo_random(8 * k_mib, 3);

  ContentWriter other(chunks, CuttingRules{.seed = 43});
  other.write(bytes);

  CHECK(lengths(chunks, other.finish()) != lengths(chunks, write(chunks, bytes)));
}

TEST_CASE("a byte put before 20 MiB leaves nine chunks of ten as they were") {
  MemoryChunks chunks;
  const Bytes bytes = pseudo_random(20 * k_mib, 4);
  const std::set<hash::Digest> before = chunk_names(chunks, write(chunks, bytes));

  Bytes shifted(1, std::byte{1});
  shifted.insert(shifted.end(), bytes.begin(), bytes.end());
  const std::set<hash::Digest> after = chunk_names(chunks, write(chunks, shifted));

  std::vector<hash::Digest> same;
  std::set_intersection(before.begin(), before.end(), after.begin(), after.end(),
                        std::back_inserter(same));
  CHECK(before.size() > 50);
  CHECK(same.size() * 10 > before.size() * 9);
}

TEST_CASE("one changed page of a 64 MiB image adds a page and the lists it is in") {
  MemoryChunks chunks;
  Bytes image = pseudo_random(64 * k_mib, 5);
  static_cast<void>(write(chunks, image, {.block_size = k_page}));
  chunks.added = 0;

  image[33 * k_mib + 77] ^= std::byte{1};
  const Content changed = write(chunks, image, {.block_size = k_page});

  CHECK(chunks.added == 4); // 4,096 pages are three levels of lists
  CHECK((read_whole(chunks, changed, image.size()) == image));
}

TEST_CASE("an image is cut at multiples of its block size, whatever holes are in it") {
  MemoryChunks chunks;
  const Bytes bytes = pseudo_random(100'000, 6);

  ContentWriter writer(chunks, k_rules, {.block_size = k_page});
  writer.write(bytes);
  writer.hole(1'000);
  writer.write(bytes);
  const Content content = writer.finish();

  for (const Extent& extent : extents(chunks, content)) {
    if (extent.chunk) {
      const std::uint64_t last = extent.offset + extent.length - 1;
      CHECK(extent.offset / k_page == last / k_page);
    }
  }
  CHECK(content.size == 201'000);
}

TEST_CASE("a sparse file of 100 GiB with three islands is a tiny list") {
  MemoryChunks chunks;
  constexpr std::uint64_t k_gib = std::uint64_t{1} << 30U;
  const Bytes island = pseudo_random(10'000, 8);

  ContentWriter writer(chunks, k_rules);
  writer.hole(10 * k_gib);
  writer.write(island);
  writer.hole(20 * k_gib);
  writer.hole(20 * k_gib); // runs of holes are one
  writer.write(island);
  writer.write(island);
  writer.hole(50 * k_gib - 3 * island.size());
  const Content content = writer.finish();

  CHECK(content.size == 100 * k_gib);
  CHECK(lengths(chunks, content) == std::vector<std::uint64_t>{10 * k_gib, 10'000, 40 * k_gib,
                                                               20'000,
                                                               50 * k_gib - 3 * island.size()});
  CHECK(chunks.get(content.id).size() < 150);
  std::uint64_t zeros = 0;
  std::uint64_t next = 0;
  read_content(chunks, content, [&](std::uint64_t offset, ByteView bytes, std::uint64_t hole) {
    CHECK(offset == next);
    next += bytes.size() + hole;
    zeros += hole;
  });
  CHECK(zeros == 100 * k_gib - 3 * island.size());
}

TEST_CASE("who wants no holes gets zeros in their place") {
  MemoryChunks chunks;
  const Bytes island = pseudo_random(10'000, 8);
  ContentWriter writer(chunks, k_rules);
  writer.hole(200'000);
  writer.write(island);
  writer.hole(70'000);
  const Content content = writer.finish();

  Bytes filled;
  read_filled(chunks, content, [&](ByteView bytes) {
    CHECK_FALSE(bytes.empty());
    filled.insert(filled.end(), bytes.begin(), bytes.end());
  });

  CHECK((filled == read_whole(chunks, content, content.size)));
}

TEST_CASE("a file that is one hole keeps its size") {
  MemoryChunks chunks;

  ContentWriter writer(chunks, k_rules);
  writer.hole(0);
  writer.hole(5);
  const Content content = writer.finish();

  CHECK(content.form == Content::Form::list);
  CHECK(read_whole(chunks, content, 5) == Bytes(5));
}

TEST_CASE("the lists of a content are all found, each on its own") {
  MemoryChunks chunks;
  const Content content =
      write(chunks, pseudo_random(9 * k_mib, 9), {.block_size = k_page}); // 576 blocks

  std::vector<hash::Digest> lists;
  for_each_list(chunks, content, [&](const hash::Digest& id) { lists.push_back(id); });

  REQUIRE(lists.size() == 40); // 36 leaves of 16, 3 lists of these, and the list of them
  CHECK(lists[0] == content.id);
  for (const hash::Digest& id : lists) {
    CHECK(chunks.all().at(id).kind == ChunkKind::meta);
  }
}

TEST_CASE("exactly as many blocks as a list holds need no list of lists") {
  MemoryChunks chunks;
  const Content content = write(chunks, pseudo_random(k_mib / 4, 10), {.block_size = k_page});

  CHECK(decode_content_list(chunks.get(content.id)).entries.size() == 16);
}

TEST_CASE("the example of a content list in the documentation is what we write and read") {
  const Bytes example = test::format_example("content-list");

  CHECK(decode_content_list(example) == sample_list());
  CHECK(encode(sample_list()) == example);
}

TEST_CASE("the example of the primitives in the documentation is what we write") {
  BinaryWriter writer;
  writer.u8(1);
  writer.u16(4095);
  writer.u32(42);
  writer.i64(-2);
  writer.varint(127);
  writer.varint(128);
  writer.varint(1'000'000);
  writer.string("a/b");

  CHECK(test::format_example("primitives") == writer.take());
}

TEST_CASE("a content list cut short anywhere is damage") {
  const Bytes bytes = encode(sample_list());

  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CAPTURE(size);
    CHECK_THROWS_AS(decode_content_list(ByteView(bytes).first(size)), CorruptionError);
  }
}

TEST_CASE("a content list with any byte changed is damage, or another list written as we would") {
  const ContentList lists[] = {sample_list(),
                               {.level = 2, .entries = {{.length = 300, .id = hash::sha256({})}}}};
  for (const ContentList& list : lists) {
    Bytes bytes = encode(list);
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      for (unsigned mask = 1; mask < 256; ++mask) {
        const std::byte original = bytes[at];
        bytes[at] ^= static_cast<std::byte>(mask);
        try {
          const Bytes again = encode(decode_content_list(bytes));
          CHECK(again == bytes);
        } catch (const CorruptionError&) {
        }
        bytes[at] = original;
      }
    }
  }
}

TEST_CASE("numbers in a content list make nobody reserve memory") {
  BinaryWriter writer;
  writer.raw(as_bytes("SPCL"));
  writer.u8(1);
  writer.u8(0);
  writer.varint(std::uint64_t{1} << 60U);

  CHECK_THROWS_AS(decode_content_list(writer.view()), CorruptionError);
}

TEST_CASE("a list that contains itself is damage, not an endless walk") {
  MemoryChunks chunks;
  const hash::Digest id = hash::sha256(as_bytes("any"));
  chunks.plant(id, encode(ContentList{.level = 1, .entries = {{.length = 9, .id = id}}}));
  const Content content{.form = Content::Form::list, .size = 9, .id = id};

  CHECK_THROWS_AS(extents(chunks, content), CorruptionError);
  CHECK_THROWS_AS(for_each_list(chunks, content, [](const hash::Digest&) {}), CorruptionError);
}

TEST_CASE("pieces that do not add up to the size are damage") {
  MemoryChunks chunks;
  const Content content = write(chunks, pseudo_random(k_mib, 11));
  Content longer = content;
  Content shorter = content;

  ++longer.size;
  --shorter.size;

  CHECK_THROWS_AS(extents(chunks, longer), CorruptionError);
  CHECK_THROWS_AS(extents(chunks, shorter), CorruptionError);
}

TEST_CASE("a chunk of another length than its list says is damage") {
  MemoryChunks chunks;
  const hash::Digest hello = chunks.put(as_bytes("hello"), ChunkKind::data);
  const Bytes list = encode(ContentList{.level = 0, .entries = {{.length = 6, .id = hello}}});
  const hash::Digest id = chunks.put(list, ChunkKind::meta);

  const Content too_long{.form = Content::Form::list, .size = 6, .id = id};
  const Content too_short{.form = Content::Form::chunk, .size = 4, .id = hello};

  CHECK_THROWS_AS(read_whole(chunks, too_long, 100), CorruptionError);
  CHECK_THROWS_AS(read_whole(chunks, too_short, 100), CorruptionError);
}

TEST_CASE("a content is not read into memory beyond what the reader allows") {
  MemoryChunks chunks;
  ContentWriter writer(chunks, k_rules);
  writer.hole(std::uint64_t{1} << 50U);

  CHECK_THROWS_AS(read_whole(chunks, writer.finish(), k_mib), CorruptionError);
}

TEST_CASE("equal blocks that follow each other are read once") {
  MemoryChunks chunks;
  const Content content = write(chunks, Bytes(4 * k_mib), {.block_size = k_page});
  chunks.reads.clear();

  CHECK(read_whole(chunks, content, 4 * k_mib) == Bytes(4 * k_mib));

  CHECK(std::ranges::count(chunks.reads, hash::sha256(Bytes(k_page))) == 1);
}
