#include "git/user_git.hpp"

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace savepoint;
using git::GitVersion;
using git::UserGit;
using test::shell;
using test::TemporaryDirectory;

namespace {

UserGit find(const TemporaryDirectory& tree, std::map<std::string, std::string> environment = {}) {
  environment.emplace("PATH", "/usr/local/bin:/usr/bin:/bin");
  environment.emplace("HOME", tree.path().string());
  environment.emplace("GIT_CONFIG_NOSYSTEM", "1");
  auto found = UserGit::find(tree.path(), environment);
  REQUIRE(found);
  return *std::move(found);
}

} // namespace

TEST_CASE("the version of git is read, whoever built it") {
  CHECK(git::parse_git_version("git version 2.39.5\n") == GitVersion{2, 39});
  CHECK(git::parse_git_version("git version 2.54.0.windows.1") == GitVersion{2, 54});
  CHECK(git::parse_git_version("git version 2.39.5 (Apple Git-154)") == GitVersion{2, 39});
  CHECK(git::parse_git_version("git version 3.0") == GitVersion{3, 0});
  CHECK_FALSE(git::parse_git_version("git version of ours"));
  CHECK_FALSE(git::parse_git_version("git version 2"));
  CHECK_FALSE(git::parse_git_version(""));
  CHECK(GitVersion{2, 54} > GitVersion{2, 9});
}

TEST_CASE("a setting is read with where it stands, the one that counts last") {
  const TemporaryDirectory tree;
  const std::string directory = tree.path().string();
  shell(tree.path(), "git init -q . && HOME=. git config --global core.hooksPath '~/all' && "
                     "git config core.hooksPath 'of this one'");

  const auto values = find(tree).paths("core.hooksPath");

  REQUIRE(values.size() == 2);
  CHECK(values[0].scope == "global");
  CHECK(values[0].value == directory + "/all");
  CHECK(values[1].scope == "local");
  CHECK(values[1].value == "of this one");
  CHECK(find(tree).paths("core.nothing").empty());
}

TEST_CASE("variables that lead to another repository do not count") {
  const TemporaryDirectory tree;
  const TemporaryDirectory other;
  shell(tree.path(), "git init -q .");
  shell(other.path(), "git init -q . && git config core.hooksPath wrong");

  CHECK(
      find(tree, {{"GIT_DIR", (other.path() / ".git").string()}}).paths("core.hooksPath").empty());
}

TEST_CASE("without a git there is none") {
  const TemporaryDirectory tree;

  CHECK_FALSE(UserGit::find(tree.path(), {{"PATH", tree.path().string()}}));
  CHECK_FALSE(UserGit::find(tree.path(), {}));
}
