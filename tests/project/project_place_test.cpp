#include "project/project.hpp"

#include "store/store.hpp"
#include "support/catch.hpp"
#include "support/test_project.hpp"

using namespace savepoint;
using project::Project;
using test::TestProject;

namespace {

project::Context context_of(const TestProject& test) {
  project::Context context;
  context.environment["HOME"] = test.home().string();
  context.clock = &test.clock;
  context.cancellation = &test.cancellation;
  context.progress = const_cast<NoProgress*>(&test.progress);
  return context;
}

Project open(const TestProject& test) {
  return Project::open(test.root(), context_of(test));
}

std::filesystem::path beside_git(const TestProject& test) {
  return test.root() / ".git/savepoint";
}

} // namespace

TEST_CASE("a project that was saved before it came under git keeps its snapshots") {
  const TestProject test;
  std::filesystem::rename(test.root() / ".git", test.outside("git"));
  const std::filesystem::path store = open(test).store_path();
  const std::string id = open(test).identity().id;
  static_cast<void>(store::Store::open_or_create(store));

  std::filesystem::rename(test.outside("git"), test.root() / ".git");

  CHECK(open(test).store_path() == store);
  CHECK(open(test).identity().id == id);
  CHECK(test.git("config savepoint.id") == id + "\n");
}

TEST_CASE("a project under git that was never saved is nobody else") {
  const TestProject test;
  const std::string id = open(test).identity().id;
  test.git("config --unset savepoint.id");

  CHECK(open(test).identity().id != id);
}

TEST_CASE("a store in git's common directory is found, and by every work tree") {
  const TestProject test;
  test.commit_all();
  test.git("worktree add -q ../other");
  REQUIRE(open(test).store_beside_git() == beside_git(test));
  CHECK(open(test).store_path() != beside_git(test)); // nothing is there yet

  static_cast<void>(store::Store::open_or_create(beside_git(test)));

  CHECK(open(test).store_path() == beside_git(test));
  CHECK(Project::open(test.outside("other"), context_of(test)).store_path() == beside_git(test));
}

TEST_CASE("whatever says where the store is goes before git's common directory") {
  const TestProject test;
  static_cast<void>(store::Store::open_or_create(beside_git(test)));

  SECTION("an option") {
    project::Context context = context_of(test);
    context.store = test.store();
    CHECK(Project::open(test.root(), context).store_path() == test.store());
    CHECK_FALSE(Project::open(test.root(), context).store_beside_git());
  }
  SECTION("the environment") {
    project::Context context = context_of(test);
    context.environment["SAVEPOINT_STORE"] = test.store().string();
    CHECK(Project::open(test.root(), context).store_path() == test.store());
    CHECK_FALSE(Project::open(test.root(), context).store_beside_git());
  }
  SECTION("a store at the usual place") {
    std::filesystem::rename(beside_git(test), test.outside("away"));
    const std::filesystem::path usual = open(test).store_path();
    static_cast<void>(store::Store::open_or_create(usual));
    std::filesystem::rename(test.outside("away"), beside_git(test));
    CHECK(open(test).store_path() == usual);
  }
}

TEST_CASE("a project whose directory got another name keeps its snapshots") {
  const TestProject test;
  const std::filesystem::path store = open(test).store_path();
  static_cast<void>(store::Store::open_or_create(store));
  std::filesystem::rename(test.root(), test.outside("renamed"));
  const Project renamed = Project::open(test.outside("renamed"), context_of(test));

  CHECK(renamed.store_path() == store);

  SECTION("but of two that it could be none is taken") {
    std::filesystem::create_directory(store.parent_path() / ("third-" + renamed.identity().id));
    CHECK(renamed.store_path() == store.parent_path() / ("renamed-" + renamed.identity().id));
  }
  SECTION("and what is called after it goes first") {
    const auto own = store.parent_path() / ("renamed-" + renamed.identity().id);
    static_cast<void>(store::Store::open_or_create(own));
    CHECK(renamed.store_path() == own);
  }
  std::filesystem::rename(test.outside("renamed"), test.root());
}

TEST_CASE("work trees of a repository whose git directory lies elsewhere share a store") {
  const TestProject test;
  test.commit_all();
  test.git("init -q --separate-git-dir ../repository");
  test.git("worktree add -q ../linked");
  const std::filesystem::path store = open(test).store_path();
  static_cast<void>(store::Store::open_or_create(store));

  CHECK(Project::open(test.outside("linked"), context_of(test)).store_path() == store);
}
