#include "retention/policy.hpp"

#include "support/catch.hpp"
#include "support/snapshot_history.hpp"

#include <algorithm>

using namespace savepoint;
using config::Retention;
using manifest::Summary;
using retention::decide;
using retention::Decision;
using test::at;
using test::history;
using test::snapshot;
using Reasons = std::vector<std::string>;

namespace {

const Timestamp k_now = at("2026-11-21T12:00:00Z");

Retention last(std::uint64_t count) {
  Retention retention;
  retention.keep_last = count;
  return retention;
}

/// The moments of what stays, the newest first.
std::vector<std::string> kept_times(const std::vector<Decision>& decisions) {
  std::vector<std::string> times;
  for (const Decision& decision : decisions) {
    if (decision.keep) {
      times.push_back(to_iso8601(decision.snapshot.created_at).substr(0, 16));
    }
  }
  return times;
}

std::size_t kept_count(const std::vector<Decision>& decisions) {
  return static_cast<std::size_t>(std::ranges::count_if(decisions, &Decision::keep));
}

std::vector<Decision> decide_simply(const std::vector<Summary>& snapshots,
                                    const Retention& retention) {
  return decide(snapshots, retention, k_now, {}, 0);
}

} // namespace

TEST_CASE("the last ones stay, each with its place, and the others go with a reason") {
  const auto decisions = decide_simply(
      history({"2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z"}), last(2));

  REQUIRE(decisions.size() == 3);
  CHECK(decisions[0].reasons == Reasons{"newest of this work tree", "last 1 of 2"});
  CHECK(decisions[1].reasons == Reasons{"last 2 of 2"});
  CHECK_FALSE(decisions[2].keep);
  CHECK(decisions[2].reasons == Reasons{"no rule keeps it"});
}

TEST_CASE("the newest of each hour, day, week, month and year stands for it") {
  Retention retention;
  const auto snapshots =
      history({"2024-12-30T23:59:59Z", "2025-01-05T23:59:59Z", "2025-06-30T23:00:00Z",
               "2026-11-19T10:00:00Z", "2026-11-20T10:00:00Z", "2026-11-20T10:59:59Z"});
  const auto reasons = [&](std::size_t index) {
    Reasons all = decide_simply(snapshots, retention)[index].reasons;
    std::erase(all, "newest of this work tree");
    return all;
  };

  SECTION("hours") {
    retention.keep_hourly = 2;
    CHECK(reasons(0) == Reasons{"hourly 2026-11-20T10"});
    CHECK(reasons(1) == Reasons{"no rule keeps it"});
    CHECK(reasons(2) == Reasons{"hourly 2026-11-19T10"});
    CHECK(reasons(3) == Reasons{"no rule keeps it"});
  }
  SECTION("days") {
    retention.keep_daily = 3;
    CHECK(reasons(0) == Reasons{"daily 2026-11-20"});
    CHECK(reasons(1) == Reasons{"no rule keeps it"});
    CHECK(reasons(2) == Reasons{"daily 2026-11-19"});
    CHECK(reasons(3) == Reasons{"daily 2025-06-30"});
    CHECK(reasons(4) == Reasons{"no rule keeps it"});
  }
  SECTION("weeks of ISO 8601, which do not end with the year") {
    retention.keep_weekly = 3;
    CHECK(reasons(0) == Reasons{"weekly 2026-W47"});
    CHECK(reasons(2) == Reasons{"no rule keeps it"});
    CHECK(reasons(3) == Reasons{"weekly 2025-W27"});
    CHECK(reasons(4) == Reasons{"weekly 2025-W01"});
    CHECK(reasons(5) == Reasons{"no rule keeps it"}); // 30 December 2024 is in 2025-W01 too
  }
  SECTION("months") {
    retention.keep_monthly = 10;
    CHECK(reasons(0) == Reasons{"monthly 2026-11"});
    CHECK(reasons(3) == Reasons{"monthly 2025-06"});
    CHECK(reasons(5) == Reasons{"monthly 2024-12"});
  }
  SECTION("years") {
    retention.keep_yearly = 2;
    CHECK(reasons(0) == Reasons{"yearly 2026"});
    CHECK(reasons(3) == Reasons{"yearly 2025"});
    CHECK(reasons(5) == Reasons{"no rule keeps it"});
  }
}

TEST_CASE("weeks are numbered as ISO 8601 says at every turn of a year") {
  const auto [day, week] = GENERATE(table<std::string, std::string>({
      {"1970-01-01", "1970-W01"},
      {"2005-01-01", "2004-W53"},
      {"2007-12-31", "2008-W01"},
      {"2010-01-03", "2009-W53"},
      {"2012-01-01", "2011-W52"},
      {"2020-12-31", "2020-W53"},
      {"2021-01-03", "2020-W53"},
      {"2021-01-04", "2021-W01"},
      {"2024-02-29", "2024-W09"},
  }));
  Retention retention;
  retention.keep_weekly = 1;

  const auto decisions = decide_simply(history({day + "T12:00:00Z"}), retention);

  CHECK(decisions[0].reasons.back() == "weekly " + week);
}

TEST_CASE("what is no older than keep_within stays") {
  Retention retention;
  retention.keep_within = std::chrono::days(2);

  const auto decisions = decide_simply(
      history({"2026-11-19T11:59:59Z", "2026-11-19T12:00:00Z", "2026-11-21T12:00:00Z"}), retention);

  CHECK(kept_times(decisions) == std::vector<std::string>{"2026-11-21T12:00", "2026-11-19T12:00"});
  CHECK(decisions[1].reasons == Reasons{"within 2d"});
}

TEST_CASE("an age of nothing keeps nothing") {
  Retention retention;
  retention.keep_within = std::chrono::seconds(0);

  const auto decisions =
      decide_simply(history({"2026-11-21T11:00:00.250Z", "2026-11-21T11:00:00.500Z"}), retention);

  CHECK(decisions[0].reasons == Reasons{"newest of this work tree"});
  CHECK_FALSE(decisions[1].keep);
}

TEST_CASE("a clock that is ahead makes no snapshot old") {
  Retention retention;
  retention.keep_within = std::chrono::days(2);
  auto snapshots =
      history({"2026-11-18T00:00:00Z", "2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z"});
  snapshots[1].trigger = "safety";

  const auto decisions = decide(snapshots, retention, at("2036-11-21T12:00:00Z"), {}, 0);

  CHECK(decisions[1].reasons == Reasons{"safety snapshot of the last 24 hours", "within 2d"});
  CHECK_FALSE(decisions[2].keep);
}

TEST_CASE("a snapshot that is taken while the clock is ahead makes no other one old") {
  Retention retention;
  retention.keep_within = std::chrono::days(2);
  auto snapshots = history({"2026-11-18T00:00:00Z", "2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z",
                            "2036-11-21T00:00:00Z"});
  snapshots[1].trigger = "safety";

  const auto decisions = decide(snapshots, retention, at("2036-11-21T12:00:00Z"), {}, 0);

  CHECK(decisions[1].reasons == Reasons{"safety snapshot of the last 24 hours", "within 2d"});
  CHECK(decisions[2].reasons == Reasons{"within 2d"});
  CHECK_FALSE(decisions[3].keep);
}

TEST_CASE("a break of days counts, and so does a second one of years") {
  Retention retention;
  retention.keep_within = std::chrono::days(2);

  const auto decisions = decide(history({"2016-11-20T00:00:00Z", "2026-11-18T00:00:00Z",
                                         "2036-11-18T00:00:00Z", "2036-11-21T00:00:00Z"}),
                                retention, at("2036-11-21T12:00:00Z"), {}, 0);

  CHECK(kept_count(decisions) == 1);
}

TEST_CASE("ages are counted in each project apart, and not from a snapshot from the future") {
  Retention retention;
  retention.keep_within = std::chrono::days(2);
  auto snapshots = history({"2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z", "2026-11-19T00:00:00Z",
                            "2026-11-20T00:00:00Z", "2036-01-01T00:00:00Z"});
  snapshots[3].project = "idle";
  snapshots[4].project = "idle";

  const auto decisions = decide_simply(snapshots, retention);

  CHECK(decisions[2].reasons == Reasons{"within 2d"});
  CHECK(decisions[4].reasons == Reasons{"within 2d"});
}

TEST_CASE("a tag that the policy names keeps a snapshot") {
  auto snapshots =
      history({"2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z"});
  snapshots[2].marks.tags = {"demo", "release"};
  snapshots[1].marks.tags = {"demo"};
  Retention retention = last(1);
  retention.keep_tags = {"release"};

  const auto decisions = decide_simply(snapshots, retention);

  CHECK(decisions[2].reasons == Reasons{"tag release"});
  CHECK_FALSE(decisions[1].keep);
}

TEST_CASE("no limit drops a snapshot with a tag that the policy names") {
  auto snapshots =
      history({"2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z"});
  for (Summary& one : snapshots) {
    one.bytes_added = 100;
  }
  snapshots[2].marks.tags = {"release"};
  Retention retention = last(3);
  retention.keep_tags = {"release"};
  SECTION("max_count") {
    retention.max_count = 2;
  }
  SECTION("max_size") {
    retention.max_size = 200;
  }

  CHECK(kept_times(decide(snapshots, retention, k_now, {}, 300)) ==
        std::vector<std::string>{"2026-01-03T00:00", "2026-01-01T00:00"});
}

TEST_CASE("the newest databases of a live branch stay, of each work tree") {
  std::vector<Summary> snapshots = {
      snapshot(6, "2026-01-06T00:00:00Z"), snapshot(5, "2026-01-05T00:00:00Z"),
      snapshot(4, "2026-01-04T00:00:00Z"), snapshot(3, "2026-01-03T00:00:00Z"),
      snapshot(2, "2026-01-02T00:00:00Z"), snapshot(1, "2026-01-01T00:00:00Z")};
  snapshots[1].trigger = "follow:feature/x";
  snapshots[2].trigger = "follow:feature/x";
  snapshots[3].trigger = "follow:feature/x";
  snapshots[3].worktree = snapshots[0].worktree = "review";
  snapshots[4].trigger = "follow:deleted";
  snapshots[5].trigger = "hook:post-checkout";

  Retention retention = last(0);
  retention.max_count = 1;
  const auto decisions = decide(snapshots, retention, k_now, {"feature/x"}, 0);

  CHECK(decisions[1].reasons ==
        Reasons{"newest of this work tree", "databases of branch feature/x"});
  CHECK_FALSE(decisions[2].keep);
  CHECK(decisions[3].reasons == Reasons{"databases of branch feature/x"});
  CHECK_FALSE(decisions[4].keep);
  CHECK_FALSE(decisions[5].keep);
}

TEST_CASE("pinned snapshots, the newest of work trees and of live branches always stay") {
  std::vector<Summary> snapshots = {
      snapshot(6, "2026-01-06T00:00:00Z"), snapshot(5, "2026-01-05T00:00:00Z"),
      snapshot(4, "2026-01-04T00:00:00Z"), snapshot(3, "2026-01-03T00:00:00Z"),
      snapshot(2, "2026-01-02T00:00:00Z"), snapshot(1, "2026-01-01T00:00:00Z")};
  snapshots[1].worktree = "review";
  snapshots[2].branch = "feature";
  snapshots[3].branch = "feature";
  snapshots[4].branch = "deleted";
  snapshots[5].marks.pinned = true;

  const auto decisions = decide(snapshots, last(0), k_now, {"feature", "main"}, 0);

  CHECK(decisions[0].reasons == Reasons{"newest of this work tree"});
  CHECK(decisions[1].reasons == Reasons{"newest of this work tree"});
  CHECK(decisions[2].reasons == Reasons{"newest on branch feature"});
  CHECK_FALSE(decisions[3].keep);
  CHECK_FALSE(decisions[4].keep);
  CHECK(decisions[5].reasons == Reasons{"pinned"});
}

TEST_CASE("a safety snapshot stays for 24 hours") {
  auto snapshots =
      history({"2026-11-20T10:59:59Z", "2026-11-20T11:00:00Z", "2026-11-21T11:00:00Z"});
  snapshots[1].trigger = "safety";
  snapshots[2].trigger = "safety";

  const auto decisions = decide_simply(snapshots, last(0));

  CHECK(decisions[1].reasons == Reasons{"safety snapshot of the last 24 hours"});
  CHECK_FALSE(decisions[2].keep);
}

TEST_CASE("a snapshot from the future stays and takes nobody's place in the calendar") {
  Retention retention;
  retention.keep_yearly = 1;

  const auto decisions = decide_simply(
      history({"2026-01-01T00:00:00Z", "2031-01-01T00:00:00Z", "2026-11-21T12:00:01Z"}), retention);

  CHECK(decisions[0].reasons == Reasons{"taken in the future", "newest of this work tree"});
  CHECK(decisions[1].reasons == Reasons{"taken in the future"});
  CHECK(decisions[2].reasons == Reasons{"yearly 2026"});
}

TEST_CASE("limits and tags without a rule never empty the store") {
  std::vector<std::string> times;
  for (int i = 10; i < 28; ++i) {
    times.push_back("2020-02-" + std::to_string(i) + "T00:00:00Z");
  }
  Retention retention;
  SECTION("nothing at all") {}
  SECTION("only max_size") {
    retention.max_size = std::uint64_t{1} << 40U;
  }
  SECTION("only max_count") {
    retention.max_count = 1000;
  }
  SECTION("only tags") {
    retention.keep_tags = {"release"};
  }

  CHECK(kept_count(decide_simply(history(times), retention)) == times.size());
}

TEST_CASE("max_count drops the oldest of what only rules keep") {
  auto snapshots = history({"2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z",
                            "2026-01-04T00:00:00Z"});
  snapshots[3].marks.pinned = true;
  Retention retention = last(4);
  retention.max_count = 3;

  const auto decisions = decide_simply(snapshots, retention);

  CHECK(kept_times(decisions) ==
        std::vector<std::string>{"2026-01-04T00:00", "2026-01-03T00:00", "2026-01-01T00:00"});
  CHECK(decisions[2].reasons == Reasons{"over max_count 3"});
}

TEST_CASE("max_size drops the oldest until what is left should fit") {
  auto snapshots = history({"2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z",
                            "2026-01-04T00:00:00Z"});
  for (Summary& one : snapshots) {
    one.bytes_added = 100;
  }
  Retention retention = last(4);
  retention.max_size = 1250;

  CHECK(kept_count(decide(snapshots, retention, k_now, {}, 1250)) == 4);
  const auto decisions = decide(snapshots, retention, k_now, {}, 1400);
  CHECK(kept_times(decisions) == std::vector<std::string>{"2026-01-04T00:00", "2026-01-03T00:00"});
  CHECK(decisions[2].reasons == Reasons{"over max_size"});
  CHECK(kept_count(decide(snapshots, retention, k_now, {}, 1'000'000)) == 1);
}

TEST_CASE("what rules remove already counts for max_size") {
  auto snapshots =
      history({"2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z"});
  snapshots[2].bytes_added = 500;
  Retention retention = last(2);
  retention.max_size = 1000;

  CHECK(kept_count(decide(snapshots, retention, k_now, {}, 1400)) == 2);
}

TEST_CASE("a busy project does not push another one out of a shared store") {
  std::vector<Summary> snapshots;
  for (std::uint64_t i = 30; i > 2; --i) {
    snapshots.push_back(snapshot(i, "2026-11-01T00:00:00Z"));
  }
  for (std::uint64_t i = 2; i > 0; --i) {
    snapshots.push_back(snapshot(i, "2026-10-01T00:00:00Z"));
    snapshots.back().project = "quiet";
  }

  const auto decisions = decide_simply(snapshots, last(2));

  CHECK(kept_count(decisions) == 4);
  CHECK(decisions.back().keep);
}
