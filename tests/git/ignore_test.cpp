#include "git/ignore.hpp"

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

#include <filesystem>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

using savepoint::git::IgnorePatterns;
using savepoint::git::IgnoreRules;
using savepoint::git::wild_match;
using savepoint::test::read_file;
using savepoint::test::shell;
using savepoint::test::TemporaryDirectory;
using savepoint::test::write_file;

namespace {

using Rules = std::shared_ptr<const IgnoreRules>;
using Paths = std::set<std::string>;

/// What git itself ignores among everything in the work tree.
Paths ignored_by_git(const TemporaryDirectory& tree, const Paths& all) {
  std::string input;
  for (const std::string& path : all) {
    input += path + '\0';
  }
  write_file(tree / ".git/asked", input);
  shell(tree.path(), "git check-ignore --no-index --stdin -z <.git/asked >.git/answer || true");
  const std::string answer = read_file(tree / ".git/answer");
  Paths result;
  for (std::size_t at = 0; at < answer.size();) {
    const std::size_t end = answer.find('\0', at);
    result.insert(answer.substr(at, end - at));
    at = end + 1;
  }
  return result;
}

/// The same by our rules: a walk that does not descend into what is ignored, but lists it.
void walk(const TemporaryDirectory& tree, const std::string& directory, Rules rules,
          bool parent_ignored, Paths& all, Paths& ignored) {
  const std::filesystem::path here = tree.path() / directory;
  if (!parent_ignored && std::filesystem::is_regular_file(here / ".gitignore")) {
    rules = IgnoreRules::enter(rules, directory, IgnorePatterns(read_file(here / ".gitignore")));
  }
  for (const auto& entry : std::filesystem::directory_iterator(here)) {
    const std::string name = entry.path().filename().string();
    if (name == ".git") {
      continue;
    }
    const std::string path = directory.empty() ? name : directory + "/" + name;
    const bool is_directory = entry.is_directory() && !entry.is_symlink();
    const bool is_ignored = parent_ignored || rules->ignores(path, is_directory);
    all.insert(path);
    if (is_ignored) {
      ignored.insert(path);
    }
    if (is_directory) {
      walk(tree, path, rules, is_ignored, all, ignored);
    }
  }
}

void check_against_git(const TemporaryDirectory& tree, std::vector<IgnorePatterns> global = {}) {
  Paths all;
  Paths ours;
  walk(tree, "", IgnoreRules::root(std::move(global)), false, all, ours);
  const Paths theirs = ignored_by_git(tree, all);

  std::string difference;
  for (const std::string& path : all) {
    if (ours.contains(path) != theirs.contains(path)) {
      const std::string top = path.substr(0, path.find('/'));
      difference +=
          path + (ours.contains(path) ? " (only ours)" : " (only git's)") + " by [" +
          (std::filesystem::exists(tree / top / ".gitignore") ? read_file(tree / top / ".gitignore")
                                                              : "") +
          "]\n";
    }
  }
  CHECK(difference == "");
}

template <typename T> const T& pick(std::mt19937& random, const std::vector<T>& choices) {
  return choices[random() % choices.size()];
}

std::string random_pattern(std::mt19937& random) {
  static const std::vector<std::string> k_pieces{
      "a",           "b",   "ab",  "a",    "b",      "*",     "*",    "**",    "**",
      "/",           "/",   "/",   "?",    "[ab]",   "[!a]",  "[^b]", "[a-c]", "[]a]",
      "[a-]",        "\\a", "\\*", "\\\\", ".",      ".b",    " ",    "\\ ",   "[[:alpha:]]",
      "[[:x:]]",     "[",   "]",   "!",    "#",      "[a",    "\\[",  "-",     "[!-a]",
      "[\\]]",       "**/", "/**", "/**/", "[[:]",   "[[:a]", "[/]",  "[b-a]", "\xc3\xa9",
      "[[:punct:]]", "a*",  "*.b", "\\/",  "[a\\-c]"};
  std::string pattern;
  if (random() % 8 == 0) {
    pattern = pick<std::string>(random, {"!", "/", "\\!", "\\#", "!/", "#", "*", " "});
  }
  for (std::size_t count = 1 + random() % 5; count > 0; --count) {
    pattern += pick(random, k_pieces);
  }
  pattern += pick<std::string>(random, {"", "", "", "", "/", "/", " ", "\\ ", "\r", "\t", "\\"});
  return pattern;
}

} // namespace

TEST_CASE("wildcards stop at slashes, and two asterisks between slashes do not") {
  CHECK(wild_match("a*c", "abbc"));
  CHECK_FALSE(wild_match("a*c", "ab/c"));
  CHECK_FALSE(wild_match("a?c", "a/c"));
  CHECK_FALSE(wild_match("a[/]c", "a/c"));
  CHECK(wild_match("**/c", "c"));
  CHECK(wild_match("**/c", "a/b/c"));
  CHECK(wild_match("a/**/c", "a/c"));
  CHECK(wild_match("a/**/c", "a/x/y/c"));
  CHECK(wild_match("a/**", "a/x/y"));
  CHECK_FALSE(wild_match("a**c", "a/c"));
  CHECK(wild_match("**/a*/**/*.c", "x/ab/y/z/d.c"));
}

TEST_CASE("a hostile pattern costs no more than its length times that of the path") {
  std::string pattern;
  std::string text;
  for (int i = 0; i < 500; ++i) {
    pattern += "**/*a*";
    text += "aaa/";
  }

  CHECK_FALSE(wild_match(pattern + "b", text + "c"));
}

TEST_CASE("random patterns ignore exactly what git ignores") {
  const auto seed = GENERATE(1U, 2U);
  CAPTURE(seed);
  std::mt19937 random(seed);
  const std::vector<std::string> names{"a",   "b",   "ab",       "ba", "a.b", "a b",
                                       "[a]", "a\\", "!a",       "#a", "a ",  "*",
                                       "-",   ".b",  "\xc3\xa9", "c",  "a\r", "abab"};
  const TemporaryDirectory tree;
  shell(tree.path(), "git init -q .");
  for (int i = 0; i < 150; ++i) {
    const std::filesystem::path directory = tree / ("d" + std::to_string(i));
    for (int file = 0; file < 12; ++file) {
      std::filesystem::path path = directory;
      for (std::size_t depth = random() % 4; depth > 0; --depth) {
        path /= pick(random, names);
      }
      path /= pick(random, names);
      std::error_code in_the_way;
      std::filesystem::create_directories(path.parent_path(), in_the_way);
      if (!in_the_way && !std::filesystem::exists(path)) {
        write_file(path, "x");
      }
    }
    std::string patterns;
    for (std::size_t count = 1 + random() % 3; count > 0; --count) {
      patterns += random_pattern(random) + "\n";
    }
    if (random() % 8 == 0) {
      patterns.pop_back();
    }
    write_file(directory / ".gitignore", patterns);
  }

  check_against_git(tree);
}

TEST_CASE(
    "ignore files in directories, info/exclude and core.excludesFile outrank each other as in "
    "git") {
  const TemporaryDirectory tree;
  shell(tree.path(), "git init -q . && git config core.excludesFile \"$PWD/.git/global\"");
  const std::string global = "*.log\n*.tmp\nx/\n";
  const std::string exclude = "!keep.log\n*.bak\n";
  write_file(tree / ".git/global", global);
  write_file(tree / ".git/info/exclude", exclude);
  write_file(tree / ".gitignore", "!b.tmp\n/build/\n*.o\nlogs/*\n!logs/keep\n");
  write_file(tree / "sub/.gitignore", "!*.o\n*.bak\n!build/\n/only-here\n");
  write_file(tree / "sub/deep/.gitignore", "*\n!.gitignore\n");
  write_file(tree / "build/.gitignore", "!*\n");
  for (const std::string directory :
       {"", "sub/", "sub/deep/", "build/", "x/", "logs/", "sub/build/"}) {
    for (const std::string name :
         {"a.log", "keep.log", "a.tmp", "b.tmp", "a.bak", "a.o", "keep", "only-here", "plain"}) {
      write_file(tree.path() / (directory + name), "x");
    }
  }
  std::filesystem::create_directory_symlink("sub", tree / "link");
  write_file(tree / "linked/.gitignore", "link/\nlink2\n");
  std::filesystem::create_directory_symlink("../sub", tree / "linked/link");
  std::filesystem::create_directory_symlink("../sub", tree / "linked/link2");

  std::vector<IgnorePatterns> rules;
  rules.emplace_back(global);
  rules.emplace_back(exclude);
  check_against_git(tree, std::move(rules));
}

TEST_CASE("asterisks that touch a name are taken as git takes them") {
  const std::vector<std::string> patterns{"/a**/b", "a**/b", "a**b/c", "/a**",  "a/**b", "a/b**/c",
                                          "a/**/b", "a/**",  "**/b",   "**b/c", "/**/b", "a*/**/b"};
  const TemporaryDirectory tree;
  shell(tree.path(), "git init -q .");
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    const std::filesystem::path directory = tree / ("d" + std::to_string(i));
    for (const std::string name : {"a/b/c", "ax/b/x", "ax/y/b", "a/x/b", "a/x/y/b", "a/bx/y/c",
                                   "axb/c", "ax/yb/c", "b/c", "x/b/c"}) {
      write_file(directory / name / "f", "x");
    }
    write_file(directory / ".gitignore", patterns[i] + "\n");
  }

  check_against_git(tree);
}

TEST_CASE("a byte order mark, carriage returns and NUL bytes in an ignore file mean what they mean "
          "to git") {
  using namespace std::string_literals;
  const TemporaryDirectory tree;
  shell(tree.path(), "git init -q .");
  const std::vector<std::string> contents{"\xef\xbb\xbf"
                                          "a\n",
                                          "a\r\nb\r\n",
                                          "a\r",
                                          "a\r\r\n",
                                          "a\0b\nc\n"s,
                                          "\r\n",
                                          "a \r\n",
                                          "\xef\xbb\xbf#a\nb",
                                          "",
                                          "\n\n",
                                          "/\n//\n",
                                          "!\n"};
  for (std::size_t i = 0; i < contents.size(); ++i) {
    const std::filesystem::path directory = tree / ("d" + std::to_string(i));
    for (const std::string name : {"a", "b", "c", "a\r", "a ", "#a",
                                   "\xef\xbb\xbf"
                                   "a"}) {
      write_file(directory / name, "x");
    }
    write_file(directory / ".gitignore", contents[i]);
  }

  check_against_git(tree);
}
