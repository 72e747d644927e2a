#include "git/branch_moves.hpp"

#include "base/error.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

#include <string>

using namespace savepoint;
using git::Repository;
using git::StateGoal;
using test::shell;
using test::TemporaryDirectory;

namespace {

struct Scene {
  TemporaryDirectory place;
  std::filesystem::path tree = place / "tree";

  Scene() {
    std::filesystem::create_directory(tree);
    run("git init -q -b main . && git config user.name T && git config user.email t@example.org"
        " && echo 1 > a && git add a && git commit -qm one && git checkout -qb topic"
        " && echo topic > a && git commit -qam topic && git checkout -q main && echo main > a"
        " && git commit -qam main");
  }
  std::string run(const std::string& command) const { return shell(tree, command); }
  /// Why `branch` cannot be moved to the first commit; empty if it can.
  [[nodiscard]] std::string refusal(const std::string& branch) const {
    const Repository repository = *Repository::discover(tree);
    StateGoal goal;
    goal.head = "ref: refs/heads/" + branch + "\n";
    goal.commit = repository.resolve_commit("main~1");
    try {
      static_cast<void>(git::branch_moves(repository, goal));
      return "";
    } catch (const RefusedError& error) {
      return error.what() + ("; " + error.hint());
    }
  }
};

} // namespace

TEST_CASE("a branch that another work tree has, rebases or bisects does not move") {
  const Scene scene;
  scene.run("git worktree add -q --detach ../other");
  CHECK(scene.refusal("topic").empty());
  SECTION("checked out") {
    scene.run("cd ../other && git checkout -q topic");
  }
  SECTION("rebased by merging") {
    scene.run("cd ../other && git checkout -q topic && (git rebase main > /dev/null 2>&1 || true)");
  }
  SECTION("rebased by patches") {
    scene.run("cd ../other && git checkout -q topic"
              " && (git rebase --apply main > /dev/null 2>&1 || true)");
  }
  SECTION("bisected") {
    scene.run("cd ../other && git checkout -q topic && git bisect start > /dev/null"
              " && git checkout -q --detach");
  }
  CHECK(scene.refusal("topic").find("'topic' is in use in another work tree") != std::string::npos);
  CHECK(scene.refusal("topic").find("/other'") != std::string::npos);
}

TEST_CASE("a branch whose name is in the way of another is named") {
  const Scene scene;
  SECTION("above") {
    CHECK(scene.refusal("topic/x").find("rename the branch 'topic',") != std::string::npos);
    scene.run("git pack-refs --all");
    CHECK(scene.refusal("topic/x/y").find("rename the branch 'topic',") != std::string::npos);
  }
  SECTION("below") {
    scene.run("git branch feature/a/x");
    CHECK(scene.refusal("feature").find("rename the branch 'feature/a/x',") != std::string::npos);
    scene.run("git pack-refs --all");
    CHECK(scene.refusal("feature").find("rename the branch 'feature/a/x',") != std::string::npos);
    scene.run("git branch -qm feature/a/x features && mkdir -p .git/refs/heads/feature/empty");
    CHECK(scene.refusal("feature").empty());
  }
}
