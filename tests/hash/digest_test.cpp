#include "hash/digest.hpp"

#include "hash/checksum.hpp"
#include "support/catch.hpp"

#include <set>
#include <string>
#include <unordered_set>

using savepoint::as_bytes;
using savepoint::hash::checksum64;
using savepoint::hash::Digest;
using savepoint::hash::DigestHash;

namespace {

const std::string k_hex = "00017f80ff0123456789abcdefa5a5a55a5a5a5a0f0f0f0ff0f0f0f0deadbeef";

} // namespace

TEST_CASE("a digest printed and read again is the same digest") {
  const auto digest = Digest::from_hex(k_hex);

  REQUIRE(digest);
  CHECK(digest->hex() == k_hex);
  CHECK(Digest::from_bytes(digest->view()) == *digest);
}

TEST_CASE("upper-case hex digits are read as well") {
  CHECK(Digest::from_hex(std::string(64, 'A')) == Digest::from_hex(std::string(64, 'a')));
}

TEST_CASE("what is not exactly 64 hex digits is not a digest") {
  CHECK_FALSE(Digest::from_hex(""));
  CHECK_FALSE(Digest::from_hex(k_hex + "0"));
  for (std::size_t length = 0; length < k_hex.size(); ++length) {
    CAPTURE(length);
    CHECK_FALSE(Digest::from_hex(k_hex.substr(0, length)));
  }
  for (std::size_t at = 0; at < k_hex.size(); ++at) {
    for (const char wrong : {'g', 'G', '/', ':', '@', '`', ' ', '\0', '\xff'}) {
      CAPTURE(at, wrong);
      std::string text = k_hex;
      text[at] = wrong;
      CHECK_FALSE(Digest::from_hex(text));
    }
  }
}

TEST_CASE("digests are ordered as their hex digits are") {
  Digest low;
  Digest high;
  high.bytes[0] = std::byte{0x80};

  CHECK(low < high);
  CHECK(low.hex() < high.hex());
  CHECK(std::unordered_set<Digest, DigestHash>{low, high, low}.size() == 2);
}

TEST_CASE("the checksum is XXH3 of 64 bits, now and in stores written long ago") {
  CHECK(checksum64({}) == 0x2d06800538d394c2U);
  CHECK(checksum64(as_bytes("abc")) == 0x78af5f94892f3950U);
}

TEST_CASE("every flipped bit changes the checksum") {
  const std::string text = "the quick brown fox jumps over the lazy dog";
  std::set<std::uint64_t> sums{checksum64(as_bytes(text))};

  for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
    std::string damaged = text;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    sums.insert(checksum64(as_bytes(damaged)));
  }

  CHECK(sums.size() == text.size() * 8 + 1);
}
