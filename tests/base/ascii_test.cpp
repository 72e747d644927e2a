#include "base/ascii.hpp"

#include "support/catch.hpp"

using savepoint::hex_value;
using savepoint::lower;
using savepoint::trimmed;

TEST_CASE("only ASCII letters have a lower case") {
  CHECK(lower("AZ az 09 @[`{") == "az az 09 @[`{");
  CHECK(lower("Ä") == "Ä");
}

TEST_CASE("only what is blank at the ends of a text is taken off") {
  CHECK(trimmed(" \t\r\n\v\fa b\n ") == "a b");
  CHECK(trimmed(" \n ").empty());
  CHECK(trimmed("").empty());
  CHECK(trimmed(" a\n", " ") == "a\n");
}

TEST_CASE("every character but the hex digits has no hex value") {
  constexpr std::string_view k_digits = "0123456789abcdefABCDEF";
  for (int code = -128; code < 128; ++code) {
    CAPTURE(code);
    const char c = static_cast<char>(code);
    const std::size_t at = k_digits.find(c);
    const int expected =
        at == std::string_view::npos ? -1 : static_cast<int>(at < 16 ? at : at - 6);
    CHECK(hex_value(c) == expected);
  }
}
