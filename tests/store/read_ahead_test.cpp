#include "store/read_ahead.hpp"

#include "base/error.hpp"
#include "support/catch.hpp"
#include "support/memory_chunks.hpp"

#include <optional>
#include <stdexcept>

using namespace savepoint;
using namespace savepoint::store;
using manifest::Content;
using test::MemoryChunks;
using test::pseudo_random;

namespace {

constexpr std::size_t k_mib = std::size_t{1} << 20U;

/// 12 MiB, a hole of 5, 3 MiB.
Content write(MemoryChunks& chunks) {
  ContentWriter writer(chunks, CuttingRules{});
  writer.write(pseudo_random(12 * k_mib, 1));
  writer.hole(5 * k_mib);
  writer.write(pseudo_random(3 * k_mib, 2));
  return writer.finish();
}

Bytes all_of(const MemoryChunks& chunks, const Content& content) {
  Bytes all;
  read_ahead(chunks, content, [&](ByteView bytes) {
    CHECK_FALSE(bytes.empty());
    all.insert(all.end(), bytes.begin(), bytes.end());
  });
  return all;
}

} // namespace

TEST_CASE("what is read ahead comes whole and in order") {
  MemoryChunks chunks;
  const Content content = write(chunks);
  CHECK((all_of(chunks, content) == read_whole(chunks, content, content.size)));
  CHECK(all_of(chunks, Content{}).empty());
}

TEST_CASE("an error of reading ahead comes after all that was read before it") {
  MemoryChunks chunks;
  const Content content = write(chunks);
  std::optional<Extent> last;
  for_each_extent(chunks, content, [&](const Extent& extent) { last = extent; });
  chunks.forget(*last->chunk);

  std::uint64_t read = 0;
  CHECK_THROWS_AS(read_ahead(chunks, content, [&](ByteView bytes) { read += bytes.size(); }),
                  CorruptionError);

  CHECK(read <= last->offset);
  CHECK(read + k_mib > last->offset); // but for what did not fill a block yet
}

TEST_CASE("who takes no more of what is read ahead ends the reading") {
  MemoryChunks chunks;
  const Content content = write(chunks);
  chunks.reads.clear();

  CHECK_THROWS_AS(
      read_ahead(chunks, content, [](ByteView) { throw std::runtime_error("no space left"); }),
      std::runtime_error);

  std::size_t extents = 0;
  for_each_extent(chunks, content, [&](const Extent&) { ++extents; });
  CHECK(chunks.reads.size() < extents);
}
