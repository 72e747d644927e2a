#include "support/catch.hpp"
#include "support/scanner.hpp"

#include <string>

using namespace savepoint;
using project::Scan;
using test::Scanner;

namespace {

constexpr const char* k_make_sub = "git init -q sub && cd sub && git config user.name a && "
                                   "git config user.email a@example.org && mkdir dist tmp && "
                                   "echo 1 > dist/a.js && echo 1 > tmp/forced && "
                                   "echo tmp/ > .gitignore && echo '*.bak' > .git/info/exclude && "
                                   "git add -f . && git commit -q -m one && echo 2 > dist/a.js && "
                                   "touch new.log tmp/not x.bak";

void check_sub(const Scanner& scanner, const Scan& scan) {
  const auto paths = scanner.paths(scan);
  for (const char* const path : {"sub/dist/a.js", "sub/tmp/forced", "sub/new.log"}) {
    CAPTURE(path);
    CHECK(paths.contains(path));
  }
  CHECK(scanner.content(scan, "sub/dist/a.js") == "2\n");
  for (const char* const path : {"sub/tmp/not", "sub/x.bak", "dist", "x.log", "sub/.git"}) {
    CAPTURE(path);
    CHECK_FALSE(paths.contains(path));
  }
}

} // namespace

TEST_CASE("in a submodule its own rules decide, and what it tracks, not what is above it") {
  Scanner scanner;
  scanner.test.write(".gitignore", GENERATE("dist/\n*.log\n", "dist/\n*.log\n/sub/\n"));
  scanner.test.write("dist/out.js", "can be made again");
  scanner.test.write("x.log", "x");
  scanner.test.shell(k_make_sub);
  scanner.test.shell("git add -f .gitignore sub 2>/dev/null && git commit -q -m one");

  check_sub(scanner, scanner.scan_and_seal());
  check_sub(scanner, scanner.scan_and_seal()); // by the cache
  check_sub(scanner, scanner.scan_afresh());

  scanner.test.shell("cd sub && git add -f tmp/not");
  CHECK(scanner.paths(scanner.scan_and_seal()).contains("sub/tmp/not"));
  scanner.test.shell("cd sub && git rm -q --cached tmp/not && : > .git/info/exclude");
  const auto paths = scanner.paths(scanner.scan_and_seal());
  CHECK_FALSE(paths.contains("sub/tmp/not"));
  CHECK(paths.contains("sub/x.bak"));
}

TEST_CASE("a repository that is no submodule goes by its own rules, unless it is ignored") {
  Scanner scanner;
  const bool is_ignored = GENERATE(false, true);
  scanner.test.write(".gitignore", is_ignored ? "dist/\n*.log\nsub\n" : "dist/\n*.log\n");
  scanner.test.shell(k_make_sub);

  const Scan scan = scanner.scan_and_seal();

  if (is_ignored) {
    CHECK_FALSE(scanner.paths(scan).contains("sub"));
  } else {
    check_sub(scanner, scan);
  }
}

TEST_CASE("what git takes for no repository is a directory like any other") {
  Scanner scanner;
  scanner.test.write(".gitignore", "dist/\n");
  scanner.test.write("sub/.git", GENERATE("", "gitdir: nowhere\n"));
  scanner.test.write("sub/dist/a.js", "1");
  scanner.test.write("sub/file", "1");

  const auto paths = scanner.paths(scanner.scan_and_seal());

  CHECK(paths.contains("sub/file"));
  CHECK_FALSE(paths.contains("sub/dist/a.js"));
}
