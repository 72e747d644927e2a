#include "git/state_step.hpp"

#include "base/error.hpp"
#include "git/state_staging.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

#include <optional>
#include <string>

using namespace savepoint;
using git::Repository;
using git::StateGoal;
using git::StateStaging;
using git::StateStep;
using test::shell;
using test::TemporaryDirectory;

namespace {

const std::string k_say =
    "cat .git/HEAD; git status --porcelain=v2 --branch; git ls-files -s -t -v; "
    "git for-each-ref; cat .git/MERGE_HEAD 2>/dev/null || true; "
    "cat .git/rebase-merge/* 2>/dev/null || true";

/// A merge in conflict, which a step puts in place of a rebase that stopped.
struct Scene {
  TemporaryDirectory tree;
  std::string merging;
  std::string rebasing;
  StateGoal goal;

  Scene() {
    run("git init -q -b main . && git config user.name T && git config user.email t@example.org"
        " && echo 1 > a && git add a && git commit -qm one && git checkout -qb side"
        " && echo side > a && git commit -qam side && git checkout -q main && echo main > a"
        " && git commit -qam main && (git merge side > /dev/null || true)");
    const Repository repository = open();
    const git::Index index = git::Index::read(repository.index_file(), tree.path());
    goal.head = *git::read_head_file(tree / ".git");
    goal.commit = repository.head().commit;
    goal.index = git::decode_image(git::encode_image(index, 20));
    goal.files = git::read_state_files(tree / ".git");
    merging = say();
    run("git merge --abort && echo more > b && git add b && git commit -qm more"
        " && (git rebase side > /dev/null 2>&1 || true)");
    rebasing = say();
  }
  std::string run(const std::string& command) const { return shell(tree.path(), command); }
  /// What git says, the content of `a` apart, which is not the step's.
  [[nodiscard]] std::string say() const {
    return run("cp a a.kept; git show :2:a > a; " + k_say + "; mv a.kept a");
  }
  [[nodiscard]] Repository open() const { return *Repository::discover(tree.path()); }
  [[nodiscard]] StateStep step() const {
    const Repository repository = open();
    return StateStaging(repository, "test").finish(goal, {.at = 1000, .message = "test"});
  }
};

} // namespace

TEST_CASE("a state of git is put in place, and taken back, as often as one likes") {
  const Scene scene;
  const StateStep step = git::decode_state_step(git::encode(scene.step()));

  for (int round = 0; round < 2; ++round) {
    git::perform(step);
    CHECK(scene.say() == scene.merging);
    git::perform(step);
    CHECK(scene.say() == scene.merging);

    git::take_back(step);
    CHECK(scene.say() == scene.rebasing);
    git::take_back(step);
    CHECK(scene.say() == scene.rebasing);
  }
  git::close(step);
  CHECK(scene.run("ls .git | grep -e savepoint -e lock || true").empty());
}

TEST_CASE("what changed since it was made ready is not overwritten") {
  const Scene scene;
  const StateStep step = scene.step();

  SECTION("the index") {
    scene.run("echo new > new && git add new");
  }
  SECTION("HEAD") {
    scene.run("git checkout -q -f --detach main");
  }
  SECTION("the branch") {
    scene.run("git update-ref refs/heads/main side");
  }
  const std::string before = scene.say();
  CHECK_THROWS_AS(git::perform(step), BusyError);
  git::take_back(step);
  git::close(step);

  CHECK(scene.say() == before);
}

TEST_CASE(
    "a commit made since it was made ready is noticed, though HEAD and the index say the same") {
  Scene scene;
  scene.run("git rebase --abort; git checkout -q -f main && git reset -q --hard");
  scene.goal.head = "ref: refs/heads/main\n";
  SECTION("on the branch, which would stay") {
    scene.goal.commit = scene.open().head().commit;
  }
  SECTION("on the branch, to where it would move") {
    scene.run(
        "git commit -q --allow-empty -m after && git tag after && git reset -q --soft HEAD~1");
    scene.goal.commit = scene.open().resolve_commit("after");
  }
  SECTION("on a branch that HEAD would leave") {
    scene.goal.head = "ref: refs/heads/side\n";
    scene.goal.commit = scene.open().resolve_commit("side");
  }
  SECTION("the first on a branch that had none") {
    scene.run("git checkout -q --orphan first");
    scene.goal.head = "ref: refs/heads/first\n";
    scene.goal.commit = std::nullopt;
  }
  const StateStep step = git::decode_state_step(git::encode(scene.step()));
  scene.run("git rev-parse -q --verify after >/dev/null && git update-ref HEAD after ||"
            " git commit -q --allow-empty -m meanwhile");
  const std::string before = scene.say();
  CHECK_THROWS_AS(git::perform(step), BusyError);
  git::take_back(step);
  git::close(step);

  CHECK(scene.say() == before);
}

TEST_CASE("a project whose path has a line end gets what its index needs") {
  const TemporaryDirectory place;
  const std::filesystem::path tree = place / "one\ntwo";
  std::filesystem::create_directory(tree);
  shell(tree, "git init -q -b main .");
  const std::string id = shell(tree, "printf staged | git hash-object --stdin").substr(0, 40);
  const Repository repository = *Repository::discover(tree);
  StateStaging staging(repository, "test");
  test::write_file(staging.blob_file(id), "staged");
  staging.add_blobs();
  CHECK(shell(tree, "git cat-file blob " + id) == "staged");
}

TEST_CASE("others who share a repository can still read what was put in place") {
  const Scene scene;
  scene.run("git merge --abort 2>/dev/null; chmod 2775 .git && chmod 664 .git/HEAD"
            " && chmod 640 .git/index && rm -f .git/ORIG_HEAD");
  StateGoal goal = scene.goal;
  goal.files.push_back({"rebase-merge/deep/file", {}});
  goal.files.push_back({"BISECT_LOG", {}});
  const Repository repository = scene.open();
  const StateStep step =
      StateStaging(repository, "test").finish(goal, {.at = 1000, .message = "test"});
  git::perform(step);
  git::close(step);
  CHECK(scene.run("cd .git && stat -c '%a' HEAD index MERGE_HEAD BISECT_LOG rebase-merge/deep "
                  "rebase-merge/deep/file") == "664\n640\n664\n664\n2775\n664\n");
}

TEST_CASE("a lock of git is respected, and ours is known") {
  const Scene scene;
  const StateStep step = scene.step();
  scene.run("touch .git/index.lock");
  CHECK_THROWS_AS(git::perform(step), BusyError);
  CHECK_THROWS_AS(git::require_unlocked(scene.tree / ".git"), BusyError);
  git::sweep_state_steps(scene.tree / ".git");
  CHECK(scene.run("ls .git/index.lock") == ".git/index.lock\n");

  test::write_file(scene.tree / ".git/index.lock", "savepoint savepoint-restore-test\n");
  test::write_file(scene.tree / ".git/savepoint-restore-test/left", "by somebody who died");
  git::sweep_state_steps(scene.tree / ".git");
  CHECK(scene.run("ls .git | grep -e savepoint -e lock || true").empty());
}

TEST_CASE("of locks on branches, those go that a git of ours left when it died with us") {
  const Scene scene;
  const StateStep step = scene.step();
  const auto dies_while_moving = [&] {
    test::write_file(scene.tree / ".git/index.lock", "savepoint savepoint-restore-test\n");
    scene.run("cd .git && touch -d '2026-01-01 12:00:00' savepoint-restore-test/moving");
  };
  const auto leaves_lock = [&](const std::string& at) {
    scene.run("touch -d '2026-01-01 " + at + "' .git/refs/heads/main.lock");
  };
  const auto refuses = [&] {
    try {
      git::sweep_state_steps(scene.tree / ".git");
      return false;
    } catch (const BusyError& error) {
      CHECK(std::string(error.what()).find("refs/heads/main.lock") != std::string::npos);
      CHECK(error.hint().find("remove that file") != std::string::npos);
      return true;
    }
  };

  SECTION("one that was made just after we began to move it goes") {
    dies_while_moving();
    leaves_lock("12:00:01");
    CHECK_FALSE(refuses());
    CHECK(scene.run("cd .git && find . -name '*.lock' -o -name 'savepoint-*'").empty());
  }
  SECTION("one that was there before is another's") {
    dies_while_moving();
    leaves_lock("11:59:59");
    CHECK(refuses());
    CHECK(scene.run("cd .git && ls refs/heads/main.lock savepoint-restore-test/step") ==
          "refs/heads/main.lock\nsavepoint-restore-test/step\n");
  }
  SECTION("one that was made long after is another's") {
    dies_while_moving();
    leaves_lock("12:00:30");
    CHECK(refuses());
  }
  SECTION("one that is there though we moved nothing is another's, and no matter") {
    dies_while_moving();
    scene.run("rm .git/savepoint-restore-test/moving");
    leaves_lock("12:00:01");
    CHECK_FALSE(refuses());
    CHECK(scene.run("cd .git && find . -name '*.lock' -o -name 'savepoint-*'") ==
          "./refs/heads/main.lock\n");
  }
  SECTION("one that is there when a branch has to move stays, and is named") {
    scene.run("touch .git/refs/heads/main.lock");
    CHECK_THROWS_WITH(git::perform(step), Catch::Matchers::Contains("refs/heads/main.lock"));
    git::take_back(step);
    git::close(step);
    CHECK(scene.run("cd .git && find . -name '*.lock' -o -name 'savepoint-*'") ==
          "./refs/heads/main.lock\n");
  }
}

TEST_CASE("a step that leads out of the git directory is refused") {
  const Scene scene;
  StateStep step = scene.step();
  const auto is_refused = [](const StateStep& one) {
    try {
      static_cast<void>(git::decode_state_step(git::encode(one)));
      return false;
    } catch (const CorruptionError&) {
      return true;
    }
  };
  CHECK_FALSE(is_refused(step));
  StateStep other = step;
  other.staging = "../elsewhere";
  CHECK(is_refused(other));
  other = step;
  other.names[0].name = "config";
  CHECK(is_refused(other));
  other = step;
  other.branches.push_back({"refs/heads/../../config", std::nullopt, scene.goal.commit});
  CHECK(is_refused(other));
  git::close(step);
}
