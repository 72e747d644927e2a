#include "hash/checksum.hpp"

#include "support/catch.hpp"

#include <array>

using namespace savepoint;
using namespace savepoint::hash;

namespace {

/// The published value for no bytes at all, of xxHash 0.8.
constexpr std::array<unsigned char, 16> k_of_nothing{
    0x99, 0xaa, 0x06, 0xd3, 0x01, 0x47, 0x98, 0xd8, 0x60, 0x01, 0xc3, 0x24, 0x46, 0x8d, 0x49, 0x7f};

std::array<std::byte, 16> of(std::initializer_list<std::string_view> pieces) {
  Checksum128 checksum;
  for (const std::string_view piece : pieces) {
    checksum.update(as_bytes(piece));
  }
  return checksum.finish();
}

} // namespace

TEST_CASE("a checksum of 128 bits is that of XXH3") {
  const std::array<std::byte, 16> nothing = of({});
  for (std::size_t i = 0; i < nothing.size(); ++i) {
    CHECK(std::to_integer<unsigned char>(nothing.at(i)) == k_of_nothing.at(i));
  }
}

TEST_CASE("a checksum of 128 bits does not depend on the pieces, and starts afresh") {
  CHECK(of({"pieces"}) == of({"pi", "", "eces"}));
  CHECK(of({"pieces"}) != of({"piecet"}));
  Checksum128 checksum;
  checksum.update(as_bytes("pieces"));
  const auto first = checksum.finish();
  checksum.update(as_bytes("pieces"));
  CHECK(checksum.finish() == first);
}
