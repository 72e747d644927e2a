#include "git/index.hpp"
#include "git/repository.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

#include <array>
#include <cstdio>
#include <map>
#include <random>
#include <string>
#include <vector>

using savepoint::git::FileChange;
using savepoint::git::Index;
using savepoint::git::Repository;
using savepoint::test::read_file;
using savepoint::test::shell;
using savepoint::test::TemporaryDirectory;
using savepoint::test::write_file;

namespace {

std::string printed(const std::vector<FileChange>& changes) {
  std::string result;
  for (const FileChange& change : changes) {
    std::array<char, 16> mode{};
    std::snprintf(mode.data(), mode.size(), "%06o", change.mode);
    result += std::string(1, change.code) + " " + mode.data() + " " + change.object + " " +
              change.path + "\n";
  }
  return result;
}

std::string by_us(const TemporaryDirectory& tree) {
  const auto repository = Repository::discover(tree.path());
  REQUIRE(repository.has_value());
  return printed(repository->staged_changes(Index::read(tree / ".git/index", tree.path())));
}

/// `git diff --cached --raw -z`, printed as we print: one line for a path, conflicts once.
std::string by_git(const TemporaryDirectory& tree) {
  shell(tree.path(), "git diff --cached --raw -z --no-renames --no-abbrev >.git/raw");
  const std::string raw = read_file(tree / ".git/raw");
  std::map<std::string, FileChange> changes;
  for (std::size_t at = 0; at < raw.size();) {
    const std::size_t middle = raw.find('\0', at);
    const std::size_t end = raw.find('\0', middle + 1);
    const std::string head = raw.substr(at, middle - at);
    FileChange change;
    change.path = raw.substr(middle + 1, end - middle - 1);
    change.code = head.back();
    change.mode = static_cast<std::uint32_t>(std::stoul(head.substr(8, 6), nullptr, 8));
    const std::size_t object = head.find(' ', 15) + 1;
    change.object = head.substr(object, head.rfind(' ') - object);
    if (change.code == 'D' || change.code == 'U') {
      change.object.clear();
      change.mode = 0;
    }
    changes[change.path] = change;
    at = end + 1;
  }
  std::vector<FileChange> list;
  for (const auto& [path, change] : changes) {
    list.push_back(change);
  }
  return printed(list);
}

void init(const TemporaryDirectory& tree, const std::string& format) {
  shell(tree.path(), "git init -q -b main --object-format=" + format +
                         " . && git config user.name T && git config user.email t@example.org");
}

std::string random_path(std::mt19937& random) {
  std::string path;
  for (std::size_t depth = random() % 4; depth > 0; --depth) {
    path += std::vector<std::string>{"a", "b", "a-b", "a.b"}[random() % 4] + "/";
  }
  return path + std::vector<std::string>{"a", "b", "a-b", "f", "g\n\xff", "a0"}[random() % 6];
}

} // namespace

TEST_CASE("what is staged is what git says is staged, after random changes") {
  const unsigned seed = GENERATE(1U, 2U, 3U, 4U);
  const std::string format = seed == 4 ? "sha256" : "sha1";
  std::mt19937 random(seed);
  CAPTURE(format, seed);
  const TemporaryDirectory tree;
  init(tree, format);

  for (int round = 0; round < 8; ++round) {
    CAPTURE(round);
    std::string script = "id=$(git hash-object -w --stdin </dev/null)";
    for (std::size_t edits = 1 + random() % 12; edits > 0; --edits) {
      const std::string path = "'" + random_path(random) + "'";
      const std::string content = std::to_string(random() % 3);
      const std::string update = " && git update-index --add --replace --cacheinfo ";
      switch (random() % 6) {
      case 0:
        script += " && git rm -r -q --cached -f --ignore-unmatch -- " + path;
        break;
      case 1:
        script += update + "120000,$id," + path;
        break;
      case 2:
        script += update + "100755,$id," + path;
        break;
      default:
        script += " && id=$(echo " + content + " | git hash-object -w --stdin)" + update +
                  "100644,$id," + path;
      }
    }
    shell(tree.path(), script);
    CHECK(by_us(tree) == by_git(tree));
    switch (random() % 3) {
    case 0:
      shell(tree.path(), "git commit -q --allow-empty -m round");
      break;
    case 1:
      shell(tree.path(), "git write-tree >/dev/null"); // makes the cache tree whole
      break;
    default:
      break;
    }
    CHECK(by_us(tree) == by_git(tree));
  }
}

TEST_CASE("before the first commit everything in the index is added") {
  const std::string format = GENERATE("sha1", "sha256");
  CAPTURE(format);
  const TemporaryDirectory tree;
  init(tree, format);
  write_file(tree / "a", "1");
  write_file(tree / "b/c", "2");
  shell(tree.path(), "git add -A");

  CHECK(by_us(tree) == by_git(tree));
  CHECK(by_us(tree).find("A 100644") != std::string::npos);
}

TEST_CASE("a missing index means that everything was removed") {
  const TemporaryDirectory tree;
  init(tree, "sha1");
  write_file(tree / "a", "1");
  write_file(tree / "b/c", "2");
  shell(tree.path(), "git add -A && git commit -q -m 1 && rm .git/index");

  CHECK(by_us(tree) == "D 000000  a\nD 000000  b/c\n");
}

TEST_CASE("a conflict is listed once, as a conflict") {
  const std::string format = GENERATE("sha1", "sha256");
  CAPTURE(format);
  const TemporaryDirectory tree;
  init(tree, format);
  shell(tree.path(),
        "echo 1 >both && echo 1 >gone && echo 1 >same && git add . && git commit -q -m 1 && "
        "git checkout -q -b side && echo 2 >both && echo 2 >gone && echo x >new && "
        "git add . && git commit -q -m 2 && git checkout -q main && echo 3 >both && "
        "git rm -q gone && echo y >new && git add . && git commit -q -m 3 && "
        "! git merge side >/dev/null");

  CHECK(by_us(tree) == by_git(tree));
  CHECK(by_us(tree) == "U 000000  both\nU 000000  gone\nU 000000  new\n");
}

TEST_CASE("a file that is only intended to be added is not staged") {
  const std::string format = GENERATE("sha1", "sha256");
  CAPTURE(format);
  const TemporaryDirectory tree;
  init(tree, format);
  write_file(tree / "old", "1");
  shell(tree.path(), "git add . && git commit -q -m 1 && echo 1 >new && git add -N new");
  CHECK(by_us(tree) == "");

  shell(tree.path(), "git rm -q --cached old && git add -N old");
  CHECK(by_us(tree) == by_git(tree));
}

TEST_CASE("what is staged in a split or sparse index is found") {
  const TemporaryDirectory tree;
  init(tree, "sha1");
  for (const char* path : {"a/1", "b/1", "c/d/1", "top"}) {
    write_file(tree / path, "x");
  }
  shell(tree.path(), "git add . && git commit -q -m 1");
  const std::string how =
      GENERATE("git update-index --split-index", "git sparse-checkout set --sparse-index a");
  CAPTURE(how);
  shell(tree.path(), how + " && echo 2 >a/2 && git add a/2 && git rm -q --cached top");

  CHECK(by_us(tree) == by_git(tree));
  CHECK(by_us(tree).find("D 000000  top") != std::string::npos);
}
