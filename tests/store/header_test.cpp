#include "store/internal/header.hpp"

#include "base/error.hpp"
#include "support/catch.hpp"
#include "support/format_example.hpp"

#include <set>

using namespace savepoint;
using namespace savepoint::store;

TEST_CASE("the example of store.json in the documentation is what we write and read") {
  const std::string example = test::format_text("store");

  const StoreHeader header = parse_header(example, "store.json");

  CHECK(header.cutting.seed == 0x00c0ffee00c0ffee);
  CHECK(header.id == "0f1e2d3c4b5a69788796a5b4c3d2e1f0");
  CHECK(print_header(header) == example);
}

TEST_CASE("no two stores have the same id or cut alike") {
  std::set<std::string> ids;
  std::set<std::uint64_t> seeds;
  for (int number = 0; number < 100; ++number) {
    const StoreHeader header = make_header();
    CHECK(header.id.size() == 32);
    ids.insert(header.id);
    seeds.insert(header.cutting.seed);
    CHECK(parse_header(print_header(header), "store.json").cutting.seed == header.cutting.seed);
  }
  CHECK(ids.size() == 100);
  CHECK(seeds.size() == 100);
}

TEST_CASE("a store.json that is cut short anywhere is refused") {
  const std::string whole = print_header(make_header());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    CAPTURE(length);
    CHECK_THROWS_AS(parse_header(whole.substr(0, length), "store.json"), CorruptionError);
  }
}

TEST_CASE("a store.json in which any bit is another is refused") {
  const auto require_all = [](const StoreHeader& header) {
    for (const Operation operation : {Operation::read, Operation::write, Operation::prune}) {
      header.require(operation);
    }
  };
  const std::string whole = print_header(make_header());
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    CAPTURE(bit);
    std::string flipped = whole;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    // Perhaps it seems to be of another version, or to want a feature that there is not.
    CHECK_THROWS_AS(require_all(parse_header(flipped, "store.json")), Error);
  }
}

TEST_CASE("a store.json from before they had a checksum is read") {
  std::string text = print_header(make_header());
  const std::size_t checksum = text.find(",\n  \"checksum\"");
  text.replace(checksum, text.rfind('\n', text.size() - 2) - checksum, "");

  CHECK_NOTHROW(parse_header(text, "store.json"));
}
