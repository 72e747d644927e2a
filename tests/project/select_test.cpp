#include "project/select.hpp"

#include "base/error.hpp"
#include "support/catch.hpp"
#include "support/snapshot_history.hpp"
#include "support/test_project.hpp"

#include <string>
#include <vector>

using namespace savepoint;
using manifest::Summary;
using project::Filter;
using project::Project;
using project::select;
using project::select_at;
using test::TestProject;

namespace {

using Summaries = std::vector<Summary>;

/// A snapshot whose id ends with `digits`.
Summary snapshot(std::uint64_t sequence, const std::string& digits) {
  const Timestamp time = test::at("2026-01-01T00:00:00Z") + std::chrono::hours(sequence);
  Summary summary = test::snapshot(sequence, time);
  summary.id = SnapshotId::make(time, digits);
  return summary;
}

/// Five snapshots, the newest first. The newest of all is a safety snapshot.
Summaries five() {
  Summaries snapshots{snapshot(5, "eeee"), snapshot(4, "dddd"), snapshot(3, "cccc"),
                      snapshot(2, "bbbb"), snapshot(1, "aaaa")};
  snapshots[0].trigger = "safety";
  snapshots[0].branch = "main";
  snapshots[1].branch = "side";
  snapshots[2].branch = "main";
  snapshots[2].trigger = "hook:pre-commit";
  snapshots[3].branch = "main";
  snapshots[3].marks.tags = {"good", "release"};
  snapshots[4].marks.tags = {"release"};
  return snapshots;
}

/// The last digits of what `selector` means.
std::string meaning(const Summaries& snapshots, std::string_view selector,
                    const Project* project = nullptr) {
  return select(snapshots, selector, project).id.text().substr(16);
}

Project open(const TestProject& test) {
  project::Context context;
  context.environment["HOME"] = test.home().string();
  context.clock = &test.clock;
  context.cancellation = &test.cancellation;
  return Project::open(test.root(), context);
}

std::string commit(const TestProject& test, const std::string& name) {
  test.write(name, name);
  test.commit_all();
  std::string id = test.git("rev-parse HEAD");
  id.pop_back();
  return id;
}

std::string ids(const Summaries& snapshots) {
  std::string result;
  for (const Summary& summary : snapshots) {
    result += summary.id.text().substr(16) + " ";
  }
  return result;
}

} // namespace

TEST_CASE("latest is the newest snapshot that was taken on purpose") {
  CHECK(meaning(five(), "latest") == "dddd");
  CHECK(meaning(five(), "latest~0") == "dddd");
  CHECK(meaning(five(), "latest~3") == "aaaa");
  CHECK_THROWS_AS(select(five(), "latest~4", nullptr), NotFoundError);
  CHECK_THROWS_AS(select({}, "latest", nullptr), NotFoundError);
  for (const char* selector :
       {"latest~", "latest~x", "latest~-1", "latest~1x", "latest~99999999999999999999"}) {
    CAPTURE(selector);
    CHECK_THROWS_AS(select(five(), selector, nullptr), UsageError);
  }
}

TEST_CASE("an id is found whole, by its beginning or by its end, safety snapshots as well") {
  CHECK(meaning(five(), "20260101-050000-eeee") == "eeee");
  CHECK(meaning(five(), "20260101-02") == "bbbb");
  CHECK(meaning(five(), "eeee") == "eeee");
  CHECK(meaning(five(), "00-cccc") == "cccc");
  CHECK_THROWS_AS(select(five(), "eee", nullptr), NotFoundError);
  CHECK_THROWS_AS(select(five(), "20260101-050000-eeef", nullptr), NotFoundError);
  CHECK_THROWS_AS(select(five(), "ffff", nullptr), NotFoundError);
  CHECK_THROWS_AS(select(five(), "", nullptr), UsageError);
}

TEST_CASE("what could be several snapshots names them and chooses none") {
  try {
    static_cast<void>(select(five(), "2026", nullptr));
    FAIL("chose one");
  } catch (const UsageError& error) {
    const std::string text = error.what();
    CHECK(text.find("20260101-050000-eeee") != std::string::npos);
    CHECK(text.find("20260101-010000-aaaa") != std::string::npos);
  }
  Summaries many;
  for (std::uint64_t i = 9; i > 0; --i) {
    many.push_back(snapshot(i, "aaaa"));
  }
  CHECK_THROWS_WITH(select(many, "aaaa", nullptr), Catch::Contains("and 4 more"));
}

TEST_CASE("a tag that ends the id of another snapshot means neither") {
  Summaries snapshots = five();
  snapshots[1].marks.tags = {"aaaa", "2026"};
  snapshots[2].marks.tags = {"cccc"};

  CHECK_THROWS_AS(select(snapshots, "aaaa", nullptr), UsageError);
  CHECK(meaning(snapshots, "cccc") == "cccc");
  CHECK(meaning(snapshots, "2026") == "dddd");
}

TEST_CASE("a tag means the newest snapshot that has it") {
  CHECK(meaning(five(), "good") == "bbbb");
  CHECK(meaning(five(), "release") == "bbbb");
  try {
    static_cast<void>(select(five(), "goood", nullptr));
    FAIL("found");
  } catch (const NotFoundError& error) {
    CHECK(error.hint() == "did you mean 'good'?");
  }
}

TEST_CASE(
    "a short id with one letter wrong, or cut short, is answered with the one that was meant") {
  const auto hint = [](const char* typed) {
    try {
      static_cast<void>(select(five(), typed, nullptr));
    } catch (const NotFoundError& error) {
      return error.hint();
    }
    return std::string("found");
  };
  CHECK(hint("eeef") == "did you mean 'eeee'?");
  CHECK(hint("ccc") == "did you mean 'cccc'?");
  CHECK(hint("ccccc") == "did you mean 'cccc'?");
  CHECK(hint("eeff").starts_with("'savepoint list'"));
  CHECK(hint("f").starts_with("'savepoint list'"));
}

TEST_CASE("a branch means the newest snapshot taken on it on purpose") {
  CHECK(meaning(five(), "branch:main") == "cccc");
  CHECK(meaning(five(), "branch:side") == "dddd");
  CHECK_THROWS_AS(select(five(), "branch:other", nullptr), NotFoundError);
}

TEST_CASE("a commit is named as git names it, and found even when git has lost it") {
  const TestProject test;
  Summaries snapshots = five();
  snapshots[0].commit = snapshots[2].commit = snapshots[3].commit = commit(test, "one");
  snapshots[1].commit = commit(test, "two");
  snapshots[4].commit = "0123456789012345678901234567890123456789";
  const Project project = open(test);

  CHECK(meaning(snapshots, "commit:HEAD", &project) == "dddd");
  CHECK(meaning(snapshots, "commit:HEAD~1", &project) == "cccc");
  CHECK(meaning(snapshots, "commit:01234567", &project) == "aaaa");
  CHECK(meaning(snapshots, "commit:01234567") == "aaaa");
  CHECK_THROWS_AS(select(snapshots, "commit:nothing", &project), NotFoundError);
  CHECK_THROWS_AS(select(snapshots, "commit:HEAD", nullptr), NotFoundError);
  static_cast<void>(commit(test, "three"));
  CHECK_THROWS_AS(select(snapshots, "commit:HEAD", &project), NotFoundError);
}

TEST_CASE("the state at a revision is that of the nearest ancestor with a snapshot") {
  const TestProject test;
  const std::string first = commit(test, "one");
  test.git("checkout -q -b side");
  const std::string side = commit(test, "side");
  test.git("checkout -q -");
  static_cast<void>(commit(test, "two"));
  const std::string third = commit(test, "three");
  Summaries snapshots{snapshot(3, "cccc"), snapshot(2, "bbbb"), snapshot(1, "aaaa")};
  snapshots[0].commit = side;
  snapshots[1].commit = first;
  snapshots[2].commit = first;
  const Project project = open(test);

  const project::AtRevision found = select_at(snapshots, "HEAD", project);
  CHECK(found.snapshot.id == snapshots[1].id);
  CHECK(found.commit == third);
  CHECK(found.steps == 2);
  CHECK(select_at(snapshots, "side", project).snapshot.id == snapshots[0].id);
  CHECK(select_at(snapshots, "HEAD~2", project).steps == 0);

  snapshots[1].trigger = "safety";
  CHECK(select_at(snapshots, "HEAD", project).snapshot.id == snapshots[2].id);
  snapshots[2].commit = side;
  CHECK_THROWS_AS(select_at(snapshots, "HEAD", project), NotFoundError);
  CHECK_THROWS_AS(select_at(snapshots, "nothing", project), NotFoundError);
}

TEST_CASE("a list shows what fits all that was asked for") {
  const TestProject test;
  Summaries snapshots = five();
  snapshots[3].commit = commit(test, "one");
  snapshots[2].commit = commit(test, "two");
  snapshots[1].commit = commit(test, "three");
  const Project project = open(test);
  const auto listed = [&](const Filter& wanted) {
    return ids(project::filter(snapshots, wanted, &project));
  };

  CHECK(listed({}) == "eeee dddd cccc bbbb aaaa ");
  CHECK(listed({.branch = "main", .commit = {}, .tag = {}, .trigger = {}, .limit = {}}) ==
        "eeee cccc bbbb ");
  CHECK(listed({.branch = {}, .commit = {}, .tag = "release", .trigger = {}, .limit = {}}) ==
        "bbbb aaaa ");
  CHECK(listed({.branch = {}, .commit = {}, .tag = {}, .trigger = "hook", .limit = {}}) == "cccc ");
  CHECK(listed({.branch = {}, .commit = {}, .tag = {}, .trigger = "hoo", .limit = {}}) == "");
  CHECK(listed({.branch = {}, .commit = {}, .tag = {}, .trigger = "safety", .limit = {}}) ==
        "eeee ");
  CHECK(listed({.branch = {}, .commit = "HEAD~1", .tag = {}, .trigger = {}, .limit = {}}) ==
        "cccc ");
  CHECK(listed({.branch = {}, .commit = "HEAD~2..HEAD", .tag = {}, .trigger = {}, .limit = {}}) ==
        "dddd cccc ");
  CHECK(listed({.branch = "main", .commit = {}, .tag = {}, .trigger = {}, .limit = 2}) ==
        "eeee cccc ");
  CHECK(listed({.branch = {}, .commit = {}, .tag = {}, .trigger = {}, .limit = 0}) == "");
  Filter range;
  range.commit = "HEAD~1..HEAD";
  CHECK_THROWS_AS(project::filter(snapshots, range, nullptr), UsageError);
}

TEST_CASE("a work tree sees its own snapshots, and the store has them all") {
  const TestProject test;
  static_cast<void>(commit(test, "one"));
  test.git("worktree add -q ../linked");
  project::Context context;
  context.environment["HOME"] = test.home().string();
  const Project main = open(test);
  const Project linked = Project::open(test.outside("linked"), context);
  store::Store store = store::Store::open_or_create(test.store());
  const auto take = [&](const manifest::ProjectIdentity& identity) {
    manifest::Manifest manifest;
    manifest.created_at = test.clock.now();
    manifest.project = identity;
    store::Batch batch(store);
    return *store.seal(batch, manifest).id;
  };
  const SnapshotId of_main = take(main.identity());
  const SnapshotId of_linked = take(linked.identity());
  static_cast<void>(take({"another", "another", ""}));

  const Summaries seen = project::visible_snapshots(store, &main);
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].id == of_main);
  REQUIRE(project::visible_snapshots(store, &linked).size() == 1);
  const Summaries all = project::visible_snapshots(store, nullptr);
  CHECK(all.size() == 3);
  CHECK(select(all, of_linked.text(), &main).id == of_linked);
}
