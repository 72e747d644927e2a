#include "base/timestamp.hpp"

#include "support/catch.hpp"

using namespace savepoint;
using namespace std::chrono_literals;

namespace {

Timestamp at(std::chrono::nanoseconds since_1970) {
  return Timestamp(since_1970);
}

} // namespace

TEST_CASE("a moment is printed in UTC with milliseconds") {
  CHECK(to_iso8601(at(0ns)) == "1970-01-01T00:00:00.000Z");
  CHECK(to_iso8601(at(1'600'000'000'123'456'789ns)) == "2020-09-13T12:26:40.123Z");
  CHECK(to_iso8601(at(951'782'400s)) == "2000-02-29T00:00:00.000Z");
}

TEST_CASE("a moment before 1970 is rounded down like any other") {
  CHECK(to_iso8601(at(-1ns)) == "1969-12-31T23:59:59.999Z");
  CHECK(to_iso8601(at(-86'400s)) == "1969-12-31T00:00:00.000Z");
}

TEST_CASE("what was printed is read back, to the millisecond") {
  for (const std::int64_t second : {-2'000'000'000, -1, 0, 1, 951'782'399, 1'600'000'000}) {
    for (const int millisecond : {0, 1, 10, 999}) {
      const Timestamp time =
          at(std::chrono::seconds(second) + std::chrono::milliseconds(millisecond));
      CAPTURE(to_iso8601(time));
      CHECK(parse_iso8601(to_iso8601(time)) == time);
    }
  }
}

TEST_CASE("fractions of a second may be missing, or as fine as nanoseconds") {
  CHECK(parse_iso8601("1970-01-01T00:00:01Z") == at(1s));
  CHECK(parse_iso8601("1970-01-01T00:00:01.5Z") == at(1500ms));
  CHECK(parse_iso8601("1970-01-01T00:00:01.000000001Z") == at(1s + 1ns));
}

TEST_CASE("dates that no calendar has are refused") {
  CHECK(parse_iso8601("2024-02-29T00:00:00Z"));
  for (const std::string_view text :
       {"2023-02-29T00:00:00Z", "2023-04-31T00:00:00Z", "2023-00-01T00:00:00Z",
        "2023-13-01T00:00:00Z", "2023-01-00T00:00:00Z", "2023-01-32T00:00:00Z",
        "2023-01-01T24:00:00Z", "2023-01-01T00:60:00Z", "2023-01-01T00:00:60Z"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_iso8601(text));
  }
}

TEST_CASE("years that nanoseconds cannot count are refused") {
  CHECK(parse_iso8601("1678-01-01T00:00:00Z"));
  CHECK(parse_iso8601("2261-12-31T23:59:59.999999999Z"));
  CHECK_FALSE(parse_iso8601("1677-12-31T23:59:59Z"));
  CHECK_FALSE(parse_iso8601("2262-01-01T00:00:00Z"));
  CHECK_FALSE(parse_iso8601("9999-01-01T00:00:00Z"));
}

TEST_CASE("a time cut short anywhere, or with another character anywhere, is no time") {
  const std::string whole = "2026-11-21T04:05:06.789Z";
  REQUIRE(parse_iso8601(whole));

  for (std::size_t length = 0; length < whole.size(); ++length) {
    CAPTURE(length);
    CHECK_FALSE(parse_iso8601(whole.substr(0, length)));
  }
  for (std::size_t place = 0; place < whole.size(); ++place) {
    for (const char wrong : {' ', '/', '+', 'x', '\0'}) {
      CAPTURE(place, wrong);
      std::string text = whole;
      text[place] = wrong;
      CHECK_FALSE(parse_iso8601(text));
    }
  }
}

TEST_CASE("other ways to write a time are refused rather than guessed") {
  for (const std::string_view text :
       {"2026-11-21 04:05:06Z", "2026-11-21T04:05:06", "2026-11-21T04:05:06+00:00",
        "2026-11-21T04:05:06.Z", "2026-11-21T04:05:06.1234567890Z", "2026-11-21T04:05:06ZZ",
        "+026-11-21T04:05:06Z", "2026-11-21T04:05:06.12 Z"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_iso8601(text));
  }
}

TEST_CASE("the clock of the machine moves forward from where it is") {
  const SystemClock clock;
  const Timestamp before = clock.now();

  CHECK(before > parse_iso8601("2020-01-01T00:00:00Z"));
  CHECK(clock.now() >= before);
}
