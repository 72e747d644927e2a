#include "manifest/words.hpp"

#include "base/error.hpp"

#include "support/catch.hpp"

using namespace savepoint;

TEST_CASE("a tag can be told from every other way to name a snapshot") {
  CHECK_NOTHROW(manifest::check_tag("before-v2"));
  CHECK_NOTHROW(manifest::check_tag("ci:42"));
  CHECK_NOTHROW(manifest::check_tag("größer"));
  for (const char* const wrong : {"", "latest", "latest~2", "branch:main", "commit:HEAD", "-x",
                                  " x", "a\nb", "a\xff", "20261121-041500-ab12"}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(manifest::check_tag(wrong), UsageError);
  }
}

TEST_CASE("notes may have lines, triggers may not") {
  CHECK_NOTHROW(manifest::check_note("first\nsecond"));
  CHECK_NOTHROW(manifest::check_note(""));
  CHECK_THROWS_AS(manifest::check_note("\xff"), UsageError);
  CHECK_NOTHROW(manifest::check_trigger("run:prisma migrate dev"));
  CHECK_THROWS_AS(manifest::check_trigger(""), UsageError);
  CHECK_THROWS_AS(manifest::check_trigger("a\nb"), UsageError);
}

TEST_CASE("nobody takes a snapshot that 'latest' passes over") {
  CHECK_THROWS_AS(manifest::check_trigger("safety"), UsageError);
  CHECK_THROWS_AS(manifest::check_trigger("follow:main"), UsageError);
  CHECK_NOTHROW(manifest::check_trigger("safety first"));
}
