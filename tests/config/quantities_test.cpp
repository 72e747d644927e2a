#include "config/config.hpp"

#include "base/error.hpp"
#include "support/catch.hpp"

using namespace savepoint;
using config::parse_duration;
using config::parse_size;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;

TEST_CASE("durations are read in every unit, and as sums") {
  CHECK(parse_duration("90s", "x") == seconds(90));
  CHECK(parse_duration("15m", "x") == seconds(900));
  CHECK(parse_duration("36h", "x") == hours(36));
  CHECK(parse_duration("10d", "x") == days(10));
  CHECK(parse_duration("2w", "x") == days(14));
  CHECK(parse_duration("3mo", "x") == days(90));
  CHECK(parse_duration("1y", "x") == days(365));
  CHECK(parse_duration("1y6mo", "x") == days(365 + 180));
  CHECK(parse_duration("1h30m", "x") == seconds(5400));
  CHECK(parse_duration("0s", "x") == seconds(0));
}

TEST_CASE("what is no duration is refused with an example") {
  const std::string text = GENERATE("", "2", "d", "2 d", "-2d", "2D", "2.5h", "2min", "2d ", "2dd",
                                    "201y", "99999999999999999999s", "999999999999999999w");
  CAPTURE(text);

  CHECK_THROWS_AS(parse_duration(text, "keep_within"), UsageError);
  CHECK_THROWS_WITH(parse_duration(text, "keep_within"),
                    Catch::StartsWith("keep_within: expected a duration"));
}

TEST_CASE("sizes are read with and without units, in powers of 1024") {
  CHECK(parse_size("1048576", "x") == 1048576);
  CHECK(parse_size("0", "x") == 0);
  CHECK(parse_size("7B", "x") == 7);
  CHECK(parse_size("2k", "x") == 2048);
  CHECK(parse_size("500M", "x") == 500ULL << 20U);
  CHECK(parse_size("10GB", "x") == 10ULL << 30U);
  CHECK(parse_size("1.5GiB", "x") == 3ULL << 29U);
  CHECK(parse_size("0.000001M", "x") == 1);
  CHECK(parse_size("8388607T", "x") == 8388607ULL << 40U);
}

TEST_CASE("what is no size is refused") {
  const std::string text =
      GENERATE("", "G", "-1", "1,5G", "1.G", ".5G", "1.5", "1.5B", "1 G", "5X", "5GBB", "5iB",
               "1.1234567G", "8388608T", "99999999999999999999", "0x10");
  CAPTURE(text);

  CHECK_THROWS_AS(parse_size(text, "max_size"), UsageError);
}
