#include "base/nearest_word.hpp"

#include "support/catch.hpp"

#include <array>

using namespace savepoint;

namespace {

constexpr std::array<std::string_view, 5> k_words{"databases", "exclude", "include", "store",
                                                  "retention"};

std::string nearest(std::string_view word) {
  return nearest_word(word, k_words);
}

} // namespace

TEST_CASE("a word mistyped in one of the usual ways is recognised") {
  CHECK(nearest("stoer") == "store");
  CHECK(nearest("stor") == "store");
  CHECK(nearest("storee") == "store");
  CHECK(nearest("stpre") == "store");
  CHECK(nearest("database") == "databases");
  CHECK(nearest("retentoin") == "retention");
  CHECK(nearest("store") == "store");
}

TEST_CASE("two letters exchanged count as one mistake") {
  constexpr std::array<std::string_view, 2> words{"abxy", "abdc"};

  CHECK(nearest_word("abcd", words) == "abdc");
}

TEST_CASE("a long word may have more mistakes than a short one") {
  constexpr std::array<std::string_view, 1> words{"keep-monthly-snapshots"};

  CHECK(nearest_word("kep-montly-snapshts", words) == "keep-monthly-snapshots");
  CHECK(nearest_word("kep-montly", words).empty());
}

TEST_CASE("nothing is suggested where nothing is near") {
  CHECK(nearest("colour").empty());
  CHECK(nearest("").empty());
  CHECK(nearest(std::string(100'000, 's')).empty());
  CHECK(nearest_word("store", {}).empty());
}

TEST_CASE("a short word is not everything to everybody") {
  constexpr std::array<std::string_view, 2> words{"on", "a"};

  CHECK(nearest_word("xy", words).empty());
  CHECK(nearest_word("no", words) == "on");
}
