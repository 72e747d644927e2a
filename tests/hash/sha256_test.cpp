#include "hash/sha256.hpp"

#include "support/catch.hpp"

#include <string>
#include <thread>
#include <vector>

using savepoint::as_bytes;
using savepoint::hash::Digest;
using savepoint::hash::sha256;
using savepoint::hash::Sha256;

namespace {

constexpr const char* k_of_nothing =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr const char* k_of_abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

} // namespace

TEST_CASE("the published examples of SHA-256 come out as published") {
  CHECK(sha256({}).hex() == k_of_nothing);
  CHECK(sha256(as_bytes("abc")).hex() == k_of_abc);
  CHECK(sha256(as_bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")).hex() ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(sha256(as_bytes(std::string(1'000'000, 'a'))).hex() ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("hashing piece by piece gives the same as at once, wherever it is cut") {
  const std::string text(200, 'x');
  const Digest whole = sha256(as_bytes(text));

  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    CAPTURE(cut);
    Sha256 hash;
    hash.update(as_bytes(text).first(cut));
    hash.update(as_bytes(text).subspan(cut));
    CHECK(hash.finish() == whole);
  }
}

TEST_CASE("a finished hash starts afresh") {
  Sha256 hash;
  hash.update(as_bytes("something else"));
  (void)hash.finish();

  CHECK(hash.finish().hex() == k_of_nothing);
  hash.update(as_bytes("abc"));
  CHECK(hash.finish().hex() == k_of_abc);
}

TEST_CASE("threads that hash at the same time do not disturb each other") {
  std::vector<int> wrong(4, 0);
  {
    std::vector<std::jthread> threads;
    for (int& count : wrong) {
      threads.emplace_back([&count] {
        for (int round = 0; round < 2000; ++round) {
          count += sha256(as_bytes("abc")).hex() == k_of_abc ? 0 : 1;
        }
      });
    }
  }
  CHECK(wrong == std::vector<int>(4, 0));
}
