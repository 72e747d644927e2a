#include "restore/internal/paths.hpp"

#include "base/error.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <string>

using namespace savepoint;
using namespace savepoint::restore;

TEST_CASE("parents come before what is in them, and neighbours stay together") {
  std::vector<std::string> paths = {"a/b", "a-b", "a", "a/b/c", "b", "a\x01", "a/\xff"};

  std::ranges::sort(paths, PathOrder());

  CHECK(paths == std::vector<std::string>{"a", "a/b", "a/b/c", "a/\xff", "a\x01", "a-b", "b"});
}

TEST_CASE("a filter includes what is at or below its paths and nothing beside them") {
  const PathFilter filter({"a/b", "c/"});

  CHECK(filter.includes("a/b"));
  CHECK(filter.includes("a/b/deep/er"));
  CHECK(filter.includes("c"));
  CHECK_FALSE(filter.includes("a"));
  CHECK_FALSE(filter.includes("a/bc"));
  CHECK(filter.leads_to("a"));
  CHECK(filter.leads_to(""));
  CHECK_FALSE(filter.leads_to("b"));
  CHECK(PathFilter(std::vector<std::string>{"."}).everything());
  CHECK_FALSE(PathFilter::only({}).includes("a"));
}

TEST_CASE("paths from a store that lead astray are refused") {
  const std::string path = GENERATE("..", "a/../b", "/a", "a//b", "", ".git/config", "sub/.git",
                                    ".savepoint-restore-1/x", "a/", "./a");
  CAPTURE(path);

  CHECK_THROWS_AS(require_writable_path(path), CorruptionError);
}
