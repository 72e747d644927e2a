#include "hash/sha1.hpp"

#include "support/catch.hpp"

#include <string>
#include <string_view>

using namespace savepoint;

namespace {

std::string hex(const std::array<std::byte, 20>& digest) {
  std::string text;
  for (const std::byte byte : digest) {
    text += "0123456789abcdef"[std::to_integer<unsigned>(byte) >> 4U];
    text += "0123456789abcdef"[std::to_integer<unsigned>(byte) & 15U];
  }
  return text;
}

} // namespace

TEST_CASE("the published examples of SHA-1 come out as published, also cut in pieces") {
  hash::Sha1 sha1;
  CHECK(hex(sha1.finish()) == "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  sha1.update(as_bytes("abc"));
  CHECK(hex(sha1.finish()) == "a9993e364706816aba3e25717850c26c9cd0d89d");
  sha1.update(as_bytes("a"));
  sha1.update(as_bytes("bc"));
  CHECK(hex(sha1.finish()) == "a9993e364706816aba3e25717850c26c9cd0d89d");
}
