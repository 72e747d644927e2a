#include "support/catch.hpp"
#include "support/scanner.hpp"

using namespace savepoint;
using test::Scanner;
using test::status_by_git;
using test::status_of;

namespace {

std::set<std::string> untracked(Scanner& scanner) {
  return status_of(scanner.scan_and_seal()).untracked;
}

/// What a copy of a work tree is to its index: the same contents under other times and inodes.
void make_stale(const Scanner& scanner) {
  scanner.test.shell("find . -path ./.git -prune -o -type f -exec touch -d '2020-02-02' {} +");
}

} // namespace

TEST_CASE("the first file in an empty folder that git does not know is shown") {
  Scanner scanner;
  scanner.test.write("a", "a");
  scanner.test.commit_all();
  std::filesystem::create_directories(scanner.test.root() / "empty");
  std::filesystem::create_directories(scanner.test.root() / "outer/inner");
  CHECK(untracked(scanner).empty());

  scanner.test.write("empty/first", "x");
  scanner.test.write("outer/inner/first", "x");

  CHECK(untracked(scanner) == std::set<std::string>{"empty/", "outer/"});
}

TEST_CASE("a folder that is no longer ignored is shown") {
  Scanner scanner;
  scanner.test.write(".gitignore", "data/\n");
  scanner.test.write("sub/a", "a");
  scanner.test.commit_all();
  scanner.test.write("sub/data/x", "x");
  CHECK(untracked(scanner).empty());

  scanner.test.write(".gitignore", "other/\n");

  CHECK(untracked(scanner) == std::set<std::string>{"sub/data/"});
}

TEST_CASE("files that the index has stale times of are compared by content, as git does") {
  Scanner scanner;
  const std::string large(3'000'000, 'x');
  scanner.test.write("same", "same\n");
  scanner.test.write("empty", "");
  scanner.test.write("large", large);
  scanner.test.write("changed", "1");
  scanner.test.write("changed at its end", large + "1");
  scanner.test.shell("ln -s same link");

  SECTION("as they are") {}
  SECTION("with line ends that are converted") {
    scanner.test.git("config core.autocrlf true");
    scanner.test.write("windows", "a\r\nb\r\n");
    scanner.test.write("windows, large", large + "\r\n");
    scanner.test.write("unix", "a\nb\n");
  }
  SECTION("with line ends that attributes convert") {
    scanner.test.write(".gitattributes", "*.txt text\n*.raw -text\n");
    scanner.test.write("windows.txt", "a\r\nb\r\n");
    scanner.test.write("windows.raw", "a\r\nb\r\n");
    scanner.test.write("unix.txt", "a\nb\n");
  }
  SECTION("with idents that are expanded") {
    scanner.test.write(".gitattributes", "* ident\n");
    scanner.test.write("ident", "$Id: something $\n");
    scanner.test.write("ident across", std::string((1U << 20U) - 2, 'x') + "$Id: something $\n");
  }
  SECTION("with another encoding") {
    scanner.test.write("sub/.gitattributes", "*.txt working-tree-encoding=UTF-16LE\n");
    scanner.test.write("sub/deep/wide.txt", std::string("a\0b\0", 4));
    scanner.test.write("sub/deep/narrow", "ab");
  }
  scanner.test.commit_all();
  make_stale(scanner);
  scanner.test.write("changed", "2");
  scanner.test.write("changed at its end", large + "2");

  const test::Status ours = status_of(scanner.scan_and_seal());

  CHECK(ours.unstaged == std::set<std::string>{"M changed", "M changed at its end"});
  CHECK(ours == status_of(scanner.scan_and_seal()));
  CHECK(ours == status_by_git(scanner.test));
}

TEST_CASE("stale times are no difference in a repository with SHA-256") {
  Scanner scanner;
  std::filesystem::remove_all(scanner.test.root() / ".git");
  scanner.test.git("init -q -b main --object-format=sha256 .");
  scanner.test.git("config user.name Test");
  scanner.test.git("config user.email test@example.org");
  scanner.test.write("same", "same");
  scanner.test.write("changed", "1");
  scanner.test.commit_all();
  make_stale(scanner);
  scanner.test.write("changed", "2");

  CHECK(status_of(scanner.scan_and_seal()).unstaged == std::set<std::string>{"M changed"});
}

TEST_CASE("snapshots differ if anything that is staged does, however much it is") {
  Scanner scanner;
  scanner.test.shell("seq -f 'f%05.0f' 1500 | while read f; do echo $f > $f; done");
  scanner.test.git("add .");
  const auto state = [&scanner] {
    manifest::Manifest manifest;
    manifest.git = scanner.scan_and_seal().git;
    return manifest::state_of(manifest);
  };
  const std::string before = state();
  CHECK(state() == before);

  scanner.test.git("update-index --chmod=+x f01500"); // far behind what is listed

  CHECK(state() != before);
}

TEST_CASE("an index that changes during a scan is read by the next one") {
  Scanner scanner;
  scanner.test.write("file", "1");
  scanner.test.commit_all();
  scanner.test.write("file", "2");
  scanner.when_read = [&] { scanner.test.git("add file"); };
  (void)scanner.scan_and_seal();
  scanner.when_read = nullptr;

  const project::Scan second = scanner.scan_and_seal();

  scanner.test.shell("rm ../store/cache/*.stat");
  CHECK(second.git->tree == scanner.scan_and_seal().git->tree);
}
