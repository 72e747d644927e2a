#include "store/tree.hpp"

#include "base/binary.hpp"
#include "base/error.hpp"
#include "hash/sha256.hpp"
#include "support/catch.hpp"
#include "support/format_example.hpp"
#include "support/memory_chunks.hpp"

#include <algorithm>
#include <set>

using namespace savepoint;
using namespace savepoint::store;
using manifest::Content;
using test::MemoryChunks;

namespace {

hash::Digest digest_of(std::string_view text) {
  return hash::sha256(as_bytes(text));
}

TreeEntry file(std::string name, std::string_view content) {
  TreeEntry entry;
  entry.name = std::move(name);
  entry.mode = 0644;
  entry.mtime_ns = 1'700'000'000'123'456'789;
  entry.content = {.form = Content::Form::chunk, .size = content.size(), .id = digest_of(content)};
  return entry;
}

TreeEntry directory(std::string name, const hash::Digest& tree) {
  TreeEntry entry;
  entry.name = std::move(name);
  entry.kind = EntryKind::directory;
  entry.tree = tree;
  return entry;
}

TreeEntry symlink(std::string name, std::string target) {
  TreeEntry entry;
  entry.name = std::move(name);
  entry.kind = EntryKind::symlink;
  entry.mtime_ns = -1;
  entry.target = std::move(target);
  return entry;
}

TreeEntry fifo(std::string name) {
  TreeEntry entry;
  entry.name = std::move(name);
  entry.kind = EntryKind::fifo;
  entry.mode = 0600;
  return entry;
}

/// A small tree with one of everything.
Tree sample() {
  Tree tree;
  tree.mode = 02755;
  tree.mtime_ns = 1'700'000'000'000'000'000;
  tree.attributes = {{"user.comment", "\xff\n"}};
  TreeEntry empty = file("empty", "");
  empty.content = {};
  TreeEntry large = file("large", "");
  large.content = {.form = Content::Form::list, .size = 1'000'000, .id = digest_of("list")};
  large.attributes = {{"user.a", ""}, {"user.b", std::string("\0", 1)}};
  tree.entries = {file("\xff\xfe\n\x1b[0m", "odd"),
                  directory("dir", digest_of("dir")),
                  std::move(empty),
                  fifo("fifo"),
                  std::move(large),
                  symlink("link", "../dir")};
  std::sort(tree.entries.begin(), tree.entries.end(),
            [](const TreeEntry& a, const TreeEntry& b) { return a.name < b.name; });
  return tree;
}

/// The example of docs/formats/tree.md.
Tree example() {
  Tree tree;
  tree.mtime_ns = 1'700'000'000'000'000'000;
  TreeEntry hello = file("hello.txt", "hello");
  hello.mtime_ns = tree.mtime_ns;
  tree.entries = {std::move(hello), directory("src", digest_of("")), symlink("start", "hello.txt")};
  return tree;
}

/// A directory whose encoding takes more than a chunk.
Tree huge_directory() {
  Tree tree;
  for (int i = 0; i < 100'000; ++i) {
    std::string name = std::to_string(1'000'000 + i);
    const std::string content = name;
    tree.entries.push_back(file(std::move(name), content));
  }
  return tree;
}

/// The encoding of a directory with one entry, whose bytes after the name are `rest`.
Bytes with_entry(std::string_view name, std::string_view rest) {
  BinaryWriter writer;
  writer.raw(as_bytes("SPTR"));
  writer.u8(1);
  writer.u16(0755);
  writer.i64(0);
  writer.varint(0);
  writer.varint(1);
  writer.string(name);
  writer.raw(as_bytes(rest));
  return writer.take();
}

/// A FIFO of mode 0600 and time 0.
std::string fifo_bytes() {
  return std::string("\x04\x80\x01", 3) + std::string(8, '\0');
}

std::vector<hash::Digest> tree_chunks(const MemoryChunks& chunks, const hash::Digest& id) {
  std::vector<hash::Digest> all;
  for_each_tree_chunk(chunks, id, [&](const hash::Digest& chunk) { all.push_back(chunk); });
  return all;
}

template <typename Decode> void check_every_flip(Bytes bytes, const Decode& decode_and_encode) {
  std::size_t refused = 0;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (unsigned mask = 1; mask < 256; ++mask) {
      const std::byte original = bytes[at];
      bytes[at] ^= static_cast<std::byte>(mask);
      try {
        const Bytes again = decode_and_encode(bytes);
        if (again != bytes) {
          CAPTURE(at, mask);
          FAIL("it was read as something that is written otherwise");
        }
      } catch (const CorruptionError&) {
        ++refused;
      }
      bytes[at] = original;
    }
  }
  CHECK(refused > 0);
}

} // namespace

TEST_CASE("a directory comes back with everything that was in it") {
  MemoryChunks chunks;

  const hash::Digest id = put_tree(chunks, sample());

  CHECK(get_tree(chunks, id) == sample());
  CHECK(id == hash::sha256(encode(sample())));
  CHECK(chunks.all().at(id).kind == ChunkKind::meta);
}

TEST_CASE("an empty directory is a tree too") {
  CHECK(decode_tree(encode(Tree{})) == Tree{});
}

TEST_CASE("an entry is found by its name") {
  const Tree tree = sample();

  REQUIRE(tree.find("link") != nullptr);
  CHECK(tree.find("link")->target == "../dir");
  CHECK(tree.find("lin") == nullptr);
  CHECK(tree.find("zzz") == nullptr);
}

TEST_CASE("the example of a tree in the documentation is what we write and read") {
  const Bytes bytes = test::format_example("tree");

  CHECK(decode_tree(bytes) == example());
  CHECK(encode(example()) == bytes);
}

TEST_CASE("a tree cut short anywhere is damage") {
  const Bytes bytes = encode(sample());

  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CAPTURE(size);
    CHECK_THROWS_AS(decode_tree(ByteView(bytes).first(size)), CorruptionError);
  }
}

TEST_CASE("a tree with any byte changed is damage, or another tree written as we would") {
  check_every_flip(encode(sample()), [](ByteView bytes) { return encode(decode_tree(bytes)); });
}

TEST_CASE("what follows a tree is damage") {
  Bytes bytes = encode(sample());
  bytes.push_back(std::byte{0});

  CHECK_THROWS_AS(decode_tree(bytes), CorruptionError);
}

TEST_CASE("a name that would lead out of its directory is refused") {
  CHECK(decode_tree(with_entry("x", fifo_bytes())).entries.size() == 1);

  const std::string_view bad[] = {"", ".", "..", "a/b", "/", std::string_view("a\0b", 3)};
  for (const std::string_view name : bad) {
    CAPTURE(name);
    CHECK_THROWS_AS(decode_tree(with_entry(name, fifo_bytes())), CorruptionError);
  }
  CHECK_THROWS_AS(decode_tree(with_entry(std::string(256, 'a'), fifo_bytes())), CorruptionError);
}

TEST_CASE("a symlink that points nowhere is refused") {
  const std::string head = '\x03' + std::string(8, '\0');

  CHECK(decode_tree(with_entry("x", head + "\x01y")).entries[0].target == "y");
  CHECK_THROWS_AS(decode_tree(with_entry("x", head + std::string(1, '\0'))), CorruptionError);
  CHECK_THROWS_AS(decode_tree(with_entry("x", head + std::string("\x02y\0", 3))), CorruptionError);
}

TEST_CASE("names out of order, or twice, are refused") {
  Tree tree;
  tree.entries = {fifo("a"), fifo("b")};
  Bytes bytes = encode(tree);
  const auto b = std::find(bytes.rbegin(), bytes.rend(), std::byte{'b'});
  REQUIRE(b != bytes.rend());

  *b = std::byte{'a'};
  CHECK_THROWS_AS(decode_tree(bytes), CorruptionError);
  *b = std::byte{'A'};
  CHECK_THROWS_AS(decode_tree(bytes), CorruptionError);
}

TEST_CASE("numbers in a tree make nobody reserve memory") {
  BinaryWriter writer;
  writer.raw(as_bytes("SPTR"));
  writer.u8(1);
  writer.u16(0755);
  writer.i64(0);
  SECTION("entries") {
    writer.varint(0);
  }
  SECTION("attributes") {}
  writer.varint(std::uint64_t{1} << 60U);
  writer.raw(Bytes(100));

  CHECK_THROWS_AS(decode_tree(writer.view()), CorruptionError);
}

TEST_CASE("a directory of 100,000 files is one name, and one more file costs little") {
  MemoryChunks chunks;
  Tree tree = huge_directory();
  const hash::Digest id = put_tree(chunks, tree);
  REQUIRE(encode(tree).size() > 4 * k_largest_chunk);

  CHECK((get_tree(chunks, id) == tree));

  chunks.added = 0;
  tree.entries.push_back(file("2", "two"));
  const hash::Digest changed = put_tree(chunks, tree);
  CHECK(changed != id);
  CHECK(chunks.added <= 4); // a piece or two, their list, and what names it
}

TEST_CASE("all chunks of a huge directory are known to whoever must keep them") {
  MemoryChunks chunks;
  const hash::Digest id = put_tree(chunks, huge_directory());

  const std::vector<hash::Digest> all = tree_chunks(chunks, id);

  CHECK(all.front() == id);
  CHECK(std::set<hash::Digest>(all.begin(), all.end()).size() == chunks.all().size());
  for (const auto& [name, kept] : chunks.all()) {
    CHECK(kept.kind == ChunkKind::meta);
  }
}

TEST_CASE("a small directory is the one chunk it is named by") {
  MemoryChunks chunks;
  const hash::Digest id = put_tree(chunks, sample());

  CHECK(tree_chunks(chunks, id) == std::vector<hash::Digest>{id});
}

TEST_CASE("the example of a large object in the documentation is read") {
  MemoryChunks chunks;
  const Bytes bytes = test::format_example("large-object");
  const hash::Digest id = chunks.put(bytes, ChunkKind::meta);

  // Its list is not there; that it is asked for shows that the object was understood.
  CHECK_THROWS_AS(get_tree(chunks, id), CorruptionError);
  CHECK(chunks.reads.back() == hash::sha256({}));
}

TEST_CASE("a large object that is none, or claims to be larger than any, is damage") {
  MemoryChunks chunks;
  const std::uint64_t size =
      GENERATE(as<std::uint64_t>{}, 0, 1, k_largest_chunk, std::uint64_t{1} << 60U);
  BinaryWriter writer;
  writer.raw(as_bytes("SPLO"));
  writer.u8(1);
  writer.varint(size);
  writer.raw(hash::sha256({}).view());

  const hash::Digest id = chunks.put(writer.view(), ChunkKind::meta);

  CHECK_THROWS_AS(get_tree(chunks, id), CorruptionError);
  CHECK(chunks.reads.size() == 1);
}

TEST_CASE("the state of a directory is blind to the times of directories and to nothing else") {
  const std::vector<hash::Digest> children = {digest_of("child")};
  const hash::Digest state = state_digest(sample(), children);

  Tree tree = sample();
  tree.mtime_ns = 5;
  tree.entries[0].tree = digest_of("the same child with another time"); // "dir" sorts first
  CHECK(state_digest(tree, children) == state);

  CHECK(state_digest(sample(), {digest_of("another child")}) != state);
  tree = sample();
  tree.mode = 0700;
  CHECK(state_digest(tree, children) != state);
  tree = sample();
  tree.attributes.clear();
  CHECK(state_digest(tree, children) != state);
  for (std::size_t i = 1; i < sample().entries.size(); ++i) {
    CAPTURE(i);
    tree = sample();
    tree.entries[i].mtime_ns += 1;
    CHECK(state_digest(tree, children) != state);
  }
}

TEST_CASE("a state is never the name of a tree") {
  CHECK(state_digest(Tree{}, {}) != hash::sha256(encode(Tree{})));
}

TEST_CASE("hard links come back as they were") {
  MemoryChunks chunks;
  const HardLinks links = {{"a", "b/c"}, {"d", "e", "f\xff"}};

  CHECK(get_hard_links(chunks, put_hard_links(chunks, links)) == links);
  CHECK(get_hard_links(chunks, put_hard_links(chunks, {})).empty());
}

TEST_CASE("more hard links than a chunk holds come back as they were") {
  MemoryChunks chunks;
  HardLinks links;
  for (int i = 0; i < 50'000; ++i) {
    const std::string path = "node_modules/.store/package-" + std::to_string(100'000 + i);
    links.push_back({path + "/a", path + "/b"});
  }

  CHECK((get_hard_links(chunks, put_hard_links(chunks, links)) == links));
}

TEST_CASE("the example of hard links in the documentation is what we write and read") {
  MemoryChunks chunks;
  const HardLinks links = {{"bin/node", "bin/nodejs"}};
  const Bytes bytes = test::format_example("hard-links");

  CHECK(get_hard_links(chunks, chunks.put(bytes, ChunkKind::meta)) == links);
  CHECK(put_hard_links(chunks, links) == hash::sha256(bytes));
}

TEST_CASE("hard links cut short or changed anywhere are damage, or written as we would") {
  const HardLinks links = {{"a", "b/c"}, {"d", "e", "f"}};
  const auto decode_and_encode = [](ByteView bytes) {
    MemoryChunks chunks;
    const hash::Digest id = chunks.put(bytes, ChunkKind::meta);
    const hash::Digest again = put_hard_links(chunks, get_hard_links(chunks, id));
    return chunks.get(again);
  };
  MemoryChunks chunks;
  const Bytes bytes = chunks.get(put_hard_links(chunks, links));

  for (std::size_t size = 1; size < bytes.size(); ++size) {
    CAPTURE(size);
    CHECK_THROWS_AS(decode_and_encode(ByteView(bytes).first(size)), CorruptionError);
  }
  check_every_flip(bytes, decode_and_encode);
}

TEST_CASE("a hard link that leads out of the project is refused") {
  MemoryChunks chunks;
  BinaryWriter writer;
  writer.raw(as_bytes("SPHL"));
  writer.u8(1);
  writer.varint(1);
  writer.varint(2);
  writer.string("../x");
  writer.string("a");

  CHECK_THROWS_AS(get_hard_links(chunks, chunks.put(writer.view(), ChunkKind::meta)),
                  CorruptionError);
}
