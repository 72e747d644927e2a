#include "restore/recover.hpp"

#include "base/error.hpp"
#include "store/journal.hpp"
#include "support/catch.hpp"
#include "support/child_process.hpp"
#include "support/exact_state.hpp"
#include "support/interrupting.hpp"
#include "support/meddling.hpp"

using namespace savepoint;
using restore::Direction;
using test::ChildProcess;
using test::ExactState;
using test::is_due;
using test::kill_at_rename;
using test::recover;
using test::ScratchProject;

namespace {

constexpr std::size_t k_files = 210;

std::string path_of(std::size_t number) {
  return "dir" + std::to_string(number % 7) + "/" + std::to_string(number);
}

void write_files(const ScratchProject& project, const std::string& content) {
  for (std::size_t i = 0; i < k_files; ++i) {
    project.write(path_of(i), content);
  }
}

/// A restore from "now" to "then" that was killed half way.
struct HalfDone {
  HalfDone() {
    write_files(project, "then");
    project.write("only-then", "x");
    snapshot = project.take();
    then.emplace(project.root());
    write_files(project, "now");
    project.sh("rm only-then; mkdir new; printf y > new/file; touch -d 2020-01-01 dir* . new");
    now.emplace(project.root());
    kill_at_rename(project, k_files / 2, [this] { test::put_back(project, *snapshot); });
  }

  ScratchProject project;
  std::optional<manifest::Manifest> snapshot;
  std::optional<ExactState> then;
  std::optional<ExactState> now;
};

} // namespace

TEST_CASE("a restore that was killed in the middle is finished or taken back, exactly") {
  HalfDone half;
  const Direction direction = GENERATE(Direction::forward, Direction::back);
  CAPTURE(direction == Direction::forward);
  REQUIRE(is_due(half.project));

  recover(half.project, direction);

  CHECK(ExactState(half.project.root()) ==
        (direction == Direction::forward ? *half.then : *half.now));
  CHECK_FALSE(is_due(half.project));
  CHECK_FALSE(test::has_leftovers(half.project));
}

TEST_CASE("undo after a finished recovery goes back to before the restore") {
  HalfDone half;

  const restore::Restored restored = recover(half.project, Direction::forward);
  CHECK(restored.safety == restore::find_undo(half.project.project(), half.project.store()));
  test::undo(half.project);

  CHECK(ExactState(half.project.root()) == *half.now);
}

TEST_CASE("a restore that was taken back is nothing that undo knows of") {
  HalfDone half;

  recover(half.project, Direction::back);

  CHECK_THROWS_AS(restore::find_undo(half.project.project(), half.project.store()), NotFoundError);
}

TEST_CASE("a recovery that is killed as well can be done again, in either direction") {
  HalfDone half;
  const Direction first = GENERATE(Direction::forward, Direction::back);
  const Direction second = GENERATE(Direction::forward, Direction::back);
  CAPTURE(first == Direction::forward, second == Direction::forward);
  ScratchProject& project = half.project;

  kill_at_rename(project, k_files / 4, [&] { recover(project, first); });
  REQUIRE(is_due(project));
  recover(project, second);

  CHECK(ExactState(project.root()) == (second == Direction::forward ? *half.then : *half.now));
  CHECK_FALSE(is_due(project));
  CHECK_FALSE(test::has_leftovers(project));
}

TEST_CASE("what the interrupted restore put aside stays until everything is in place") {
  HalfDone half;
  ScratchProject& project = half.project;
  const std::string put_aside = "cat .savepoint-restore-*/*/* | grep -o now | sort -u";
  REQUIRE(project.sh(put_aside) == "now\n");
  const std::string when = GENERATE("staging", "putting in place");
  const test::Meddling meddling(project, [&](std::string_view stage) {
    if (stage == when) {
      throw CorruptionError("the store is damaged");
    }
  });
  const project::Project opened = meddling.open();

  SECTION("while it is recovered") {
    CHECK_THROWS_AS(
        restore::execute(opened, project.store(),
                         restore::make_recovery(opened, project.store(), Direction::back)),
        CorruptionError);
  }
  SECTION("while a database is restored elsewhere") {
    project.sh("mkdir -p data; sqlite3 data/app.db 'CREATE TABLE t(x)'");
    const manifest::Manifest with_database = project.take();
    restore::Request request;
    const std::string url = "sqlite:" + project.beside("elsewhere.db").string();
    request.destinations = {{"data/app.db", database::parse_url(url)}};
    test::put_back(project, with_database, request);
  }

  CHECK(project.sh(put_aside) == "now\n");
  recover(project, Direction::back);
  CHECK_FALSE(test::has_leftovers(project));
}

TEST_CASE("while a recovery is due, nothing is restored that would leave something of it") {
  HalfDone half;
  restore::Request request;
  SECTION("some paths") {
    request.paths = {path_of(1)};
  }
  SECTION("keeping what is there") {
    request.keep_extra = true;
  }

  CHECK_THROWS_AS(test::put_back(half.project, *half.snapshot, request), RefusedError);
  CHECK(is_due(half.project));
}

TEST_CASE("a restore of the whole takes the place of one that was interrupted") {
  HalfDone half;

  test::put_back(half.project, *half.snapshot);

  CHECK(ExactState(half.project.root()) == *half.then);
  CHECK_FALSE(is_due(half.project));
  test::undo(half.project);
  CHECK(ExactState(half.project.root()) == *half.now);
}

TEST_CASE("undo takes away what a restore brought that took the place of an interrupted one") {
  ScratchProject project(ScratchProject::Git::yes);
  write_files(project, "without");
  const manifest::Manifest without = project.take();
  write_files(project, "with");
  project.sh("mkdir data; sqlite3 data/app.db 'CREATE TABLE t(x); INSERT INTO t VALUES(1)'");
  project.write("a-secret", "held once, ignored now");
  const manifest::Manifest with = project.take();
  project.sh("rm -r data a-secret; printf 'a-secret\n' > .gitignore");
  write_files(project, "now");
  const ExactState now(project.root());
  const std::string brought = "ls data a-secret 2>/dev/null || true";

  SECTION("the second one") {
    kill_at_rename(project, k_files / 2, [&] { test::put_back(project, without); });
    test::put_back(project, with);
    CHECK(project.sh(brought) == "a-secret\n\ndata:\napp.db\n");
    test::undo(project);
    CHECK(ExactState(project.root()) == now);
    test::undo(project);
    CHECK(project.sh("sqlite3 data/app.db 'SELECT x FROM t'") == "1\n");
  }
  SECTION("the second one, which was killed as well") {
    kill_at_rename(project, k_files / 2, [&] { test::put_back(project, without); });
    kill_at_rename(project, k_files / 2, [&] { test::put_back(project, with); });
    CHECK(is_due(project));
    recover(project, Direction::back);
    CHECK(ExactState(project.root()) == now);
  }
  SECTION("the first one, and the second does not have it") {
    restore::Request only_files;
    only_files.only.databases = false;
    kill_at_rename(project, k_files / 2, [&] { test::put_back(project, with, only_files); });
    CHECK(project.sh(brought) == "a-secret\n\ndata:\n");
    test::put_back(project, without);
    CHECK(project.sh(brought).empty());
    CHECK(project.read(path_of(0)) == "without");
    test::undo(project);
    CHECK(ExactState(project.root()) == now);
  }
}

TEST_CASE("with git, only the same snapshot takes the place of an interrupted restore") {
  ScratchProject project(ScratchProject::Git::yes);
  const auto commit = [&](const std::string& content, const std::string& branch) {
    project.sh("git checkout -q -b " + branch);
    write_files(project, content);
    project.sh("git add -A && git commit -qm " + content + " && echo staged > 1st && git add 1st");
    return project.take();
  };
  const manifest::Manifest first = commit("first", "a");
  const manifest::Manifest second = commit("second", "b");
  commit("now", "c");
  const std::string state = "git symbolic-ref HEAD; git for-each-ref refs/heads; git ls-files -s";
  const std::string before = project.sh(state);
  const ExactState now(project.root(), ExactState::Times::of_files);
  restore::Request request;
  request.git = true;
  kill_at_rename(project, k_files / 2, [&] { test::put_back(project, first, request); });
  REQUIRE(is_due(project));

  CHECK_THROWS_AS(test::put_back(project, second, request), RefusedError);
  CHECK(is_due(project));
  test::put_back(project, first, request);

  CHECK_FALSE(is_due(project));
  CHECK(project.sh("git symbolic-ref HEAD") == "refs/heads/a\n");
  CHECK(project.sh("git status --porcelain") == "A  1st\n");
  CHECK(project.read(path_of(0)) == "first");
  test::undo(project);
  CHECK(project.sh(state) == before);
  CHECK(ExactState(project.root(), ExactState::Times::of_files) == now);
}

TEST_CASE("undo takes back a restore that was interrupted") {
  HalfDone half;

  test::undo(half.project);

  CHECK(ExactState(half.project.root()) == *half.now);
  CHECK_FALSE(is_due(half.project));
}

TEST_CASE("what was changed between the crash and the recovery is in a snapshot") {
  HalfDone half;
  half.project.write(path_of(5), "typed after the crash");

  recover(half.project, Direction::back);

  CHECK(ExactState(half.project.root()) == *half.now);
  const auto newest = half.project.store().snapshots().front();
  test::put_back(half.project, half.project.store().load(newest.id));
  CHECK(half.project.read(path_of(5)) == "typed after the crash");
}

TEST_CASE("no recovery is due while a restore is at work, or when one has ended") {
  ScratchProject project;
  write_files(project, "then");
  const manifest::Manifest snapshot = project.take();
  write_files(project, "now");

  project.close_store();
  ChildProcess child([&] {
    project.open_store();
    test::put_back(project, snapshot);
  });
  project.open_store();
  while (project.read(path_of(3)) == "now") {
    CHECK_FALSE(is_due(project));
  }
  CHECK(child.wait() == 0);

  CHECK_FALSE(is_due(project));
  CHECK_THROWS_AS(recover(project, Direction::back), NotFoundError);
}

TEST_CASE("undo takes away the database file that a restore brought") {
  ScratchProject project;
  project.sh("mkdir data; sqlite3 data/app.db 'CREATE TABLE t(x); INSERT INTO t VALUES(1)'");
  const manifest::Manifest snapshot = project.take();
  const ExactState then(project.root());
  project.sh("rm data/app.db");
  const ExactState now(project.root());

  test::put_back(project, snapshot);
  test::undo(project);
  CHECK(ExactState(project.root()) == now);
  test::undo(project);

  CHECK(ExactState(project.root()) == then);
}

TEST_CASE("a copy of a project has nothing to do with the recovery of the original") {
  HalfDone half;
  const std::filesystem::path copy = half.project.beside("copy");
  test::shell(half.project.beside(""), "cp -a project copy");
  const project::Project other = project::Project::open(copy, half.project.context());

  CHECK_FALSE(project::find_interrupted(other, half.project.store()));
  CHECK(is_due(half.project));
}
