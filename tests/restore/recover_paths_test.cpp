#include "base/error.hpp"
#include "support/catch.hpp"
#include "support/exact_state.hpp"
#include "support/interrupting.hpp"

#include <functional>
#include <vector>

using namespace savepoint;
using restore::Direction;
using test::ExactState;
using test::ScratchProject;

namespace {

/// A project with a restore of some of its paths to come.
struct Scene {
  Scene(const std::string& then, const std::string& now, restore::Request asked)
      : request(std::move(asked)) {
    project.sh("touch -d 2020-01-01 savepoint.json; " + then);
    snapshot = project.take();
    project.sh(now);
  }

  ScratchProject project;
  restore::Request request;
  manifest::Manifest snapshot;
};

restore::Request of_paths(std::vector<std::string> paths) {
  restore::Request request;
  request.paths = std::move(paths);
  return request;
}

/// Kills the restore of a new scene before each of its steps in turn, and when all are done.
/// Whatever it was in the middle of, a recovery leads to the same state as if it had never been, or
/// never been killed; after that undo leads back.
void recover_from_every_step(const std::function<Scene()>& make, Direction direction) {
  std::size_t recovered = 0;
  for (std::uint64_t at = 1;; ++at) {
    CAPTURE(at, direction == Direction::forward);
    Scene scene = make();
    ScratchProject& project = scene.project;
    const ExactState before(project.root(), ExactState::Times::of_files);
    const auto restore = [&] { test::put_back(project, scene.snapshot, scene.request); };
    if (!test::kills_at(project, {"rename", "unlink"}, at, restore)) {
      break;
    }
    if (!test::is_due(project)) {
      if (recovered > 0) {
        break;
      }
      continue;
    }
    ++recovered;
    test::recover(project, direction);
    CHECK_FALSE(test::is_due(project));
    CHECK_FALSE(test::has_leftovers(project));
    if (direction == Direction::forward) {
      Scene whole = make();
      test::put_back(whole.project, whole.snapshot, whole.request);
      CHECK(ExactState(project.root(), ExactState::Times::of_files) ==
            ExactState(whole.project.root(), ExactState::Times::of_files));
      test::undo(project);
    }
    CHECK(ExactState(project.root(), ExactState::Times::of_files) == before);
  }
  REQUIRE(recovered > 0);
}

} // namespace

TEST_CASE("a recovery gives back what gave way to a directory that was not asked for") {
  const Direction direction = GENERATE(Direction::forward, Direction::back);
  const std::string now = GENERATE(as<std::string>(), "rm -r a; printf precious > a",
                                   "rm -r a; ln -s precious a", "rm -r a; mkdir a; touch a/b");
  CAPTURE(now);
  recover_from_every_step(
      [&] {
        return Scene("mkdir -p a/b; printf x > a/b/c; touch -d 2021-01-01 a/b/c",
                     now + "; touch -hd 2019-01-01 a", of_paths({"a/b/c"}));
      },
      direction);
}

TEST_CASE("directories that were made for what was asked for go when that goes, and only then") {
  const auto make = [] {
    return Scene("mkdir -p a/b; printf x > a/b/c; printf y > a/d; touch -d 2021-01-01 a/b/c; "
                 "chmod 750 a/b; chmod 700 a",
                 "rm -r a", of_paths({"a/b/c"}));
  };
  recover_from_every_step(make, GENERATE(Direction::forward, Direction::back));

  bool was_made = false;
  for (std::uint64_t at = 1; !was_made; ++at) {
    Scene scene = make();
    ScratchProject& project = scene.project;
    test::kill_at_rename(project, at,
                         [&] { test::put_back(project, scene.snapshot, scene.request); });
    was_made = project.has("a");
    if (was_made) {
      project.write("a/written-since", "new");
      test::recover(project, Direction::back);
      CHECK(project.sh("find a | sort") == "a\na/written-since\n");
    }
  }
}

TEST_CASE("a directory that was opened for a restore is closed by either recovery") {
  recover_from_every_step(
      [] {
        return Scene("mkdir d; printf then > d/f; printf x > e; touch -d 2021-01-01 d/f e",
                     "printf now > d/f; touch -d 2022-01-01 d/f; printf y > e; "
                     "touch -d 2022-01-01 e; chmod 555 d",
                     of_paths({"d/f", "e"}));
      },
      GENERATE(Direction::forward, Direction::back));
}

TEST_CASE("what gave way to the directory of a config file comes back") {
  restore::Request config;
  config.only = project::Selection::parse("config");
  config.with_config = true;
  recover_from_every_step(
      [&] {
        return Scene("mkdir conf; printf A=1 > conf/.env; printf B=1 > .env; "
                     "touch -d 2021-01-01 conf/.env .env",
                     "rm -r conf; printf precious > conf; printf B=2 > .env; "
                     "touch -d 2022-01-01 conf .env",
                     config);
      },
      GENERATE(Direction::forward, Direction::back));
}

TEST_CASE("a path is recovered although neither side of the recovery has it") {
  const Direction direction = GENERATE(Direction::forward, Direction::back);
  SECTION("what is to come is not there yet") {
    recover_from_every_step(
        [] { return Scene("printf x > f; touch -d 2021-01-01 f", "rm f", of_paths({"f"})); },
        direction);
  }
  SECTION("what is to go is gone") {
    recover_from_every_step([] { return Scene("true", "printf x > extra", of_paths({"extra"})); },
                            direction);
  }
}

TEST_CASE("a config file that was overwritten as code comes back") {
  restore::Request request;
  request.only = project::Selection::parse(GENERATE("code,config,database", "code"));
  const std::string paths = GENERATE("all", "one");
  if (paths == "one") {
    request.paths = {".env"};
  }
  recover_from_every_step(
      [&] {
        return Scene("git init -q .; printf A=then > .env; touch -d 2021-01-01 .env; git add .env",
                     "git rm -q --cached .env; printf .env > .gitignore; printf A=now > .env; "
                     "touch -d 2022-01-01 .env .gitignore",
                     request);
      },
      GENERATE(Direction::forward, Direction::back));
}
