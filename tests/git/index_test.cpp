#include "git/index.hpp"

#include "base/error.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>

using savepoint::CorruptionError;
using savepoint::git::CacheTreeNode;
using savepoint::git::Index;
using savepoint::git::IndexEntry;
using savepoint::git::IndexStamp;
using savepoint::test::read_file;
using savepoint::test::shell;
using savepoint::test::TemporaryDirectory;
using savepoint::test::write_file;

namespace {

const std::string k_identity = "git config user.name T && git config user.email t@example.org";

std::string hex(savepoint::ByteView bytes) {
  std::string result;
  for (const std::byte byte : bytes) {
    std::array<char, 3> digits{};
    std::snprintf(digits.data(), digits.size(), "%02x", std::to_integer<unsigned>(byte));
    result += digits.data();
  }
  return result;
}

/// Entries printed as `git ls-files --stage -z` prints them.
std::string printed(const Index& index) {
  std::string result;
  for (const IndexEntry& entry : index.entries()) {
    std::array<char, 16> mode{};
    std::snprintf(mode.data(), mode.size(), "%06o", entry.mode);
    result += std::string(mode.data()) + " " + hex(entry.object) + " " +
              std::to_string(entry.stage) + "\t" + std::string(entry.path) + '\0';
  }
  return result;
}

Index read_index(const TemporaryDirectory& tree) {
  return Index::read(tree / ".git/index", tree.path());
}

/// A listing of `git ls-files --debug` without the flags that git keeps in memory only.
std::string with_flags_of_the_format(const std::string& listing) {
  const std::string label = "\tflags: ";
  std::string result;
  std::size_t at = 0;
  for (std::size_t found = 0; (found = listing.find(label, at)) != std::string::npos;) {
    found += label.size();
    const std::size_t end = listing.find('\n', found);
    const unsigned long flags = std::stoul(listing.substr(found, end - found), nullptr, 16);
    std::array<char, 16> digits{};
    std::snprintf(digits.data(), digits.size(), "%lx", flags & 0x6000'b000UL);
    result += listing.substr(at, found - at) + digits.data();
    at = end;
  }
  return result + listing.substr(at);
}

void check_against_git(const TemporaryDirectory& tree) {
  shell(tree.path(), "git ls-files --stage -z >.git/listing");
  const Index index = read_index(tree);
  CHECK(printed(index) == read_file(tree / ".git/listing"));
  shell(tree.path(), "git ls-files -z --debug >.git/listing");
  std::string stats;
  for (const IndexEntry& entry : index.entries()) {
    stats += std::string(entry.path) + '\0' +
             "  ctime: " + std::to_string(entry.stat.ctime_seconds) + ":" +
             std::to_string(entry.stat.ctime_nanoseconds) +
             "\n  mtime: " + std::to_string(entry.stat.mtime_seconds) + ":" +
             std::to_string(entry.stat.mtime_nanoseconds) +
             "\n  dev: " + std::to_string(entry.stat.device) +
             "\tino: " + std::to_string(entry.stat.inode) +
             "\n  uid: " + std::to_string(entry.stat.user) +
             "\tgid: " + std::to_string(entry.stat.group) +
             "\n  size: " + std::to_string(entry.stat.size) + "\tflags: ";
    const unsigned flags = (entry.assume_valid ? 0x8000U : 0U) | entry.stage * 0x1000U |
                           (entry.skip_worktree ? 0x4000'0000U : 0U) |
                           (entry.intent_to_add ? 0x2000'0000U : 0U);
    std::array<char, 16> digits{};
    std::snprintf(digits.data(), digits.size(), "%x\n", flags);
    stats += digits.data();
  }
  CHECK(stats == with_flags_of_the_format(read_file(tree / ".git/listing")));
}

/// A work tree of `count` files with names of all kinds, added.
void make_tree(const TemporaryDirectory& tree, std::mt19937& random, int count,
               const std::string& init = "git init -q .") {
  shell(tree.path(), init + " && " + k_identity);
  for (int i = 0; i < count; ++i) {
    std::string path;
    for (std::size_t depth = random() % 5; depth > 0; --depth) {
      path += std::string(1, static_cast<char>('a' + random() % 4)) +
              std::string(random() % 3 == 0 ? "-x" : "") + "/";
    }
    path += "f" + std::to_string(i) + std::string(random() % 30, 'n');
    path += random() % 10 == 0 ? "\xff \n\"" : "";
    write_file(tree.path() / path, std::to_string(random() % 7));
  }
  shell(tree.path(), "git add -A && chmod +x $(git ls-files 'f*' | head -1) ./*/f* 2>/dev/null; "
                     "ln -s nowhere link; git add -A; git commit -q -m first");
}

} // namespace

TEST_CASE("every version of the index is read as git reads it") {
  const auto version = GENERATE(2, 3, 4);
  const std::string object_format = GENERATE("sha1", "sha256");
  CAPTURE(version, object_format);
  std::mt19937 random(static_cast<unsigned>(version));
  const TemporaryDirectory tree;
  make_tree(tree, random, 120, "git init -q --object-format=" + object_format + " .");
  if (version == 3) {
    write_file(tree / "intended", "x");
    shell(tree.path(), "git add -N intended && git update-index --skip-worktree link && "
                       "git update-index --assume-unchanged $(git ls-files 'f*' | head -1)");
  }
  shell(tree.path(), "git update-index --index-version " + std::to_string(version));

  CHECK(read_file(tree / ".git/index").substr(7, 1) == std::string(1, static_cast<char>(version)));
  check_against_git(tree);
}

TEST_CASE("names longer than an index can count are read") {
  const TemporaryDirectory tree;
  shell(tree.path(), "git init -q .");
  std::string path = std::string(200, 'a');
  for (int i = 0; i < 25; ++i) {
    path += "/" + std::string(200, static_cast<char>('a' + i));
  }
  for (const char* version : {"2", "4"}) {
    write_file(tree / ".git/info.txt", "100644 e69de29bb2d1d6434b8b29ae775ad8c2e48c5391\t" + path +
                                           "\n"
                                           "100644 e69de29bb2d1d6434b8b29ae775ad8c2e48c5391\tb\n");
    shell(tree.path(), std::string("git update-index --index-info <.git/info.txt && "
                                   "git update-index --index-version ") +
                           version);
    check_against_git(tree);
  }
}

TEST_CASE("conflicts keep their three stages") {
  const TemporaryDirectory tree;
  shell(tree.path(), "git init -q . && " + k_identity +
                         " && echo 1 >f && echo 1 >g && git add . && git commit -q -m 1 && "
                         "git checkout -q -b side && echo 2 >f && git commit -q -am 2 && "
                         "git checkout -q - && echo 3 >f && git commit -q -am 3 && "
                         "! git merge side >/dev/null");

  check_against_git(tree);
  const Index index = read_index(tree);
  CHECK(index.entries().size() == 4);
  CHECK(index.find("f") == nullptr);
  CHECK(index.tracks("f"));
  REQUIRE(index.find("g") != nullptr);
}

TEST_CASE("a split index is read whole") {
  std::mt19937 random(7);
  const TemporaryDirectory tree;
  make_tree(tree, random, 60);
  shell(tree.path(), "git update-index --split-index && git rm -q --cached link && "
                     "echo new >new && git add new");
  const std::string before = read_file(tree / ".git/index");

  check_against_git(tree);
  CHECK(read_file(tree / ".git/index") == before);
}

TEST_CASE("a sparse index is read whole") {
  std::mt19937 random(8);
  const TemporaryDirectory tree;
  make_tree(tree, random, 60);
  shell(tree.path(), "git sparse-checkout init --cone --sparse-index && git sparse-checkout set a");
  const std::string before = read_file(tree / ".git/index");
  REQUIRE(before.find("sdir") != std::string::npos);

  check_against_git(tree);
  CHECK(read_file(tree / ".git/index") == before);
}

TEST_CASE("a missing or empty index has no entries") {
  const TemporaryDirectory tree;
  CHECK(Index::read(tree / "nothing", tree.path()).entries().empty());
  CHECK_FALSE(Index::stamp(tree / "nothing").has_value());

  write_file(tree / "empty", "");
  const Index index = Index::read(tree / "empty", tree.path());
  CHECK(index.entries().empty());
  CHECK(index.below("a").empty());
  CHECK_FALSE(index.tracks("a"));
}

TEST_CASE("what lies below a directory is found, neighbours with similar names are not") {
  const TemporaryDirectory tree;
  shell(tree.path(),
        "git init -q . && mkdir a a-b a0 a/b && touch a-b/1 a/2 a/b/3 a.c a0/4 a/b.5 && "
        "git add .");
  const Index index = read_index(tree);
  const auto below = [&index](std::string_view directory) {
    std::string paths;
    for (const IndexEntry& entry : index.below(directory)) {
      paths += std::string(entry.path) + " ";
    }
    return paths;
  };

  CHECK(below("a") == "a/2 a/b.5 a/b/3 ");
  CHECK(below("a/b") == "a/b/3 ");
  CHECK(below("a-") == "");
  CHECK(below("zzz") == "");
  CHECK(below("") == "a-b/1 a.c a/2 a/b.5 a/b/3 a0/4 ");
  CHECK(index.tracks("a/b"));
  CHECK(index.tracks("a.c"));
  CHECK_FALSE(index.tracks("a."));
  CHECK_FALSE(index.tracks("a/b/3/x"));
  CHECK(index.find("a/b") == nullptr);
}

TEST_CASE("the cache tree names the trees that git would write") {
  const std::string object_format = GENERATE("sha1", "sha256");
  CAPTURE(object_format);
  std::mt19937 random(9);
  const TemporaryDirectory tree;
  make_tree(tree, random, 80, "git init -q --object-format=" + object_format + " .");
  shell(tree.path(), "git read-tree HEAD");
  const Index index = read_index(tree);

  REQUIRE(index.cache_tree().size() > 10);
  std::string ours;
  for (const CacheTreeNode& node : index.cache_tree()) {
    CHECK(node.valid);
    ours += "HEAD:" + node.path + " " + hex(savepoint::as_bytes(node.object)) + "\n";
  }
  std::string asked;
  for (const CacheTreeNode& node : index.cache_tree()) {
    asked += "HEAD:" + node.path + "\n";
  }
  write_file(tree / ".git/asked", asked);
  std::string theirs =
      shell(tree.path(), "while read -r name; do echo \"$name $(git rev-parse \"$name\")\"; done "
                         "<.git/asked");
  CHECK(ours == theirs);

  write_file(tree / "a/changed", "x");
  shell(tree.path(), "git add a/changed");
  const Index changed = read_index(tree);
  for (const CacheTreeNode& node : changed.cache_tree()) {
    CAPTURE(node.path);
    CHECK(node.valid == (node.path != "" && node.path != "a"));
  }
}

TEST_CASE("a damaged index is reported or read, but never read past its end") {
  const auto version = GENERATE("2", "4");
  CAPTURE(version);
  std::mt19937 random(11);
  const TemporaryDirectory tree;
  make_tree(tree, random, 6);
  shell(tree.path(), std::string("git update-index --index-version ") + version);
  const std::string whole = read_file(tree / ".git/index");
  const auto read_copy = [&tree](const std::string& content) {
    write_file(tree / ".git/copy", content);
    return Index::read(tree / ".git/copy", tree.path());
  };

  std::size_t cuts_missed = 0;
  for (std::size_t length = 1; length < whole.size(); ++length) {
    try {
      const Index index = read_copy(whole.substr(0, length));
      CHECK(index.entries().size() == 7);
      ++cuts_missed;
    } catch (const CorruptionError&) {
      continue;
    }
  }
  CHECK(cuts_missed <= 1); // where all that is lost is the cache tree
  CHECK_THROWS_AS(read_copy(whole + "x"), CorruptionError);
  std::size_t noticed = 0;
  for (std::size_t offset = 0; offset + 20 < whole.size(); ++offset) {
    for (const int flip : {1, 0x80}) {
      std::string damaged = whole;
      damaged[offset] = static_cast<char>(damaged[offset] ^ flip);
      try {
        const Index index = read_copy(damaged);
        CHECK(index.entries().size() <= 8);
      } catch (const CorruptionError&) {
        ++noticed;
      }
    }
  }
  CHECK(noticed > 100);
}

TEST_CASE("an index that was written again has another stamp") {
  const TemporaryDirectory tree;
  shell(tree.path(), "git init -q . && echo 1 >a && git add a");
  const auto first = Index::stamp(tree / ".git/index");
  REQUIRE(first.has_value());
  CHECK(Index::stamp(tree / ".git/index") == first);

  shell(tree.path(), "echo 2 >a && git add a");
  CHECK_FALSE(Index::stamp(tree / ".git/index") == first);
}

TEST_CASE("variables of git in our environment do not decide which index is read") {
  std::mt19937 random(12);
  const TemporaryDirectory tree;
  const TemporaryDirectory other;
  make_tree(tree, random, 10);
  make_tree(other, random, 3);
  shell(tree.path(), "git update-index --split-index && git rm -q --cached link");
  shell(tree.path(), "git ls-files --stage -z >.git/listing");

  setenv("GIT_DIR", (other / ".git").c_str(), 1);
  setenv("GIT_INDEX_FILE", (other / ".git/index").c_str(), 1);
  const std::string ours = printed(read_index(tree));
  unsetenv("GIT_DIR");
  unsetenv("GIT_INDEX_FILE");

  CHECK(ours == read_file(tree / ".git/listing"));
}
