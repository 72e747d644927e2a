#include "base/printable.hpp"

#include "support/catch.hpp"

using namespace savepoint;

TEST_CASE("the beginning of a text ends between two letters") {
  CHECK(beginning_of("plain", 3) == "pla");
  CHECK(beginning_of("plain", 9) == "plain");
  CHECK(beginning_of("a\xC3\xA9z", 2) == "a");
  CHECK(beginning_of("a\xC3\xA9z", 3) == "a\xC3\xA9");
  CHECK(beginning_of("\xF0\x9F\x99\x82", 3).empty());
}

TEST_CASE("ordinary text is shown as it is, in any script") {
  for (const std::string text : {"", "plain", "with space", "größe", "日本語", "😀", "\xc2\xa0"}) {
    CHECK(printable(text) == text);
    CHECK(is_utf8(text));
  }
}

TEST_CASE("nothing shown can drive a terminal") {
  CHECK(printable("\x1b[31mred") == "\\x1b[31mred");
  CHECK(printable("a\nb\tc\rd") == "a\\nb\\tc\\rd");
  CHECK(printable("\x7f") == "\\x7f");
  CHECK(printable(std::string_view("\0", 1)) == "\\x00");
  CHECK(printable("\xc2\x9b"
                  "31m") == "\\xc2\\x9b31m");
  for (int c = 0; c < 0x20; ++c) {
    CAPTURE(c);
    const std::string shown = printable(std::string(1, static_cast<char>(c)));
    CHECK(shown.front() == '\\');
    CHECK(shown.size() > 1);
  }
}

TEST_CASE("what is shown tells different names apart") {
  CHECK(printable("a\\nb") == "a\\\\nb");
  CHECK(printable("a\nb") == "a\\nb");
}

TEST_CASE("bytes that are not UTF-8 are shown one by one") {
  CHECK(printable("\xff\xfe") == "\\xff\\xfe");
  CHECK(printable("a\xc3") == "a\\xc3");
  CHECK(printable("\xe6\x97z") == "\\xe6\\x97z");
}

TEST_CASE("overlong forms, surrogates and what lies beyond Unicode are not UTF-8") {
  for (const std::string_view text :
       {"\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", "\xed\xa0\x80", "\xed\xbf\xbf",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\x80", "\xbf", "\xfe"}) {
    CAPTURE(printable(text));
    CHECK_FALSE(is_utf8(text));
    CHECK(printable(text).size() == 4 * text.size());
  }
}

TEST_CASE("the first and last of each length are UTF-8, and cut short are not") {
  for (const std::string_view text :
       {"\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf",
        "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    CAPTURE(printable(text));
    CHECK(is_utf8(text));
    for (std::size_t length = 1; length < text.size(); ++length) {
      CHECK_FALSE(is_utf8(text.substr(0, length)));
    }
  }
}

TEST_CASE("the subject of a message stands between quotes, whatever it is given as") {
  CHECK(quoted("a b") == "'a b'");
  CHECK(quoted(std::string("a\nb")) == "'a\\nb'");
  CHECK(quoted(std::string_view("")) == "''");
}
