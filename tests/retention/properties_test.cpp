#include "retention/policy.hpp"

#include "support/catch.hpp"
#include "support/snapshot_history.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <set>

using namespace savepoint;
using config::Retention;
using manifest::Summary;
using retention::decide;
using retention::Decision;

namespace {

constexpr unsigned k_histories = 300;
const Timestamp k_now = test::at("2026-11-21T12:00:00Z");
const std::vector<std::string> k_live_branches = {"main", "feature"};

/// Histories and policies of every shape, the same in each run.
class Generator {
public:
  explicit Generator(unsigned seed) : random_(seed) {}

  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  bool one_in(std::uint64_t count) { return below(count) == 0; }

  /// The newest first. The clock mostly goes forward, and now and then far back or ahead.
  std::vector<Summary> history() {
    constexpr const char* k_branches[] = {"main", "feature", "gone"};
    std::vector<Summary> snapshots;
    Timestamp time = k_now - std::chrono::hours(24 * 400);
    const std::uint64_t count = 1 + below(80);
    for (std::uint64_t sequence = 1; sequence <= count; ++sequence) {
      time += std::chrono::minutes(below(60 * 24 * 10));
      if (one_in(12)) {
        time -= std::chrono::hours(below(24 * 300));
      }
      Summary one = test::snapshot(sequence, time);
      one.worktree = one_in(4) ? "review" : "";
      one.branch = k_branches[below(3)];
      one.trigger = one_in(5) ? "safety" : "manual";
      one.marks.pinned = one_in(15);
      one.bytes_added = below(1000);
      snapshots.insert(snapshots.begin(), one);
    }
    return snapshots;
  }

  Retention policy() {
    Retention retention;
    for (auto* const rule :
         {&retention.keep_last, &retention.keep_hourly, &retention.keep_daily,
          &retention.keep_weekly, &retention.keep_monthly, &retention.keep_yearly}) {
      if (one_in(2)) {
        *rule = below(10);
      }
    }
    if (one_in(3)) {
      retention.keep_within = std::chrono::hours(below(1000));
    }
    return retention;
  }

  Retention policy_with_limits() {
    Retention retention = policy();
    retention.max_count = 1 + below(10);
    retention.max_size = 1 + below(5000);
    return retention;
  }

private:
  std::mt19937 random_;
};

std::vector<Decision> decide_at(const std::vector<Summary>& snapshots, const Retention& retention) {
  return decide(snapshots, retention, k_now, k_live_branches, 20'000);
}

} // namespace

TEST_CASE("whatever the policy, the newest, pinned and future ones are never removed") {
  for (unsigned seed = 0; seed < k_histories; ++seed) {
    CAPTURE(seed);
    Generator generator(seed);
    const auto snapshots = generator.history();
    std::set<std::string> worktrees;
    std::set<std::string> branches;

    for (const Decision& decision : decide_at(snapshots, generator.policy_with_limits())) {
      const Summary& one = decision.snapshot;
      const bool newest_of_worktree = worktrees.insert(one.worktree).second;
      const bool newest_on_branch = branches.insert(*one.branch).second && *one.branch != "gone";
      const bool recent_safety =
          one.trigger == "safety" && one.created_at >= k_now - std::chrono::hours(24);
      if (newest_of_worktree || newest_on_branch || recent_safety || one.marks.pinned ||
          one.created_at > k_now) {
        CHECK(decision.keep);
      }
    }
  }
}

TEST_CASE("every snapshot is decided about once, in order, and with a reason") {
  for (unsigned seed = 0; seed < k_histories; ++seed) {
    CAPTURE(seed);
    Generator generator(seed);
    const auto snapshots = generator.history();

    const auto decisions = decide_at(snapshots, generator.policy_with_limits());

    REQUIRE(decisions.size() == snapshots.size());
    for (std::size_t i = 0; i < decisions.size(); ++i) {
      CHECK(decisions[i].snapshot.sequence == snapshots[i].sequence);
      CHECK_FALSE(decisions[i].reasons.empty());
    }
  }
}

TEST_CASE("whatever the clock did, the last ones taken stay") {
  for (unsigned seed = 0; seed < k_histories; ++seed) {
    CAPTURE(seed);
    Generator generator(seed);
    const auto snapshots = generator.history();
    Retention retention = generator.policy();
    retention.keep_last = generator.below(20);

    const auto decisions = decide_at(snapshots, retention);

    const auto count = std::min<std::size_t>(*retention.keep_last, decisions.size());
    CHECK(std::all_of(decisions.begin(), decisions.begin() + static_cast<std::ptrdiff_t>(count),
                      [](const Decision& decision) { return decision.keep; }));
  }
}

TEST_CASE("a larger number never removes what a smaller one keeps") {
  for (unsigned seed = 0; seed < k_histories; ++seed) {
    Generator generator(seed);
    const auto snapshots = generator.history();
    Retention smaller = generator.policy();
    smaller.keep_last = generator.below(10);
    smaller.keep_daily = generator.below(10);
    smaller.keep_weekly = generator.below(10);
    Retention larger = smaller;
    auto* const grown =
        std::vector{&larger.keep_last, &larger.keep_daily, &larger.keep_weekly}[seed % 3];
    *grown = **grown + 1 + generator.below(5);
    CAPTURE(seed);

    const auto few = decide_at(snapshots, smaller);
    const auto many = decide_at(snapshots, larger);

    for (std::size_t i = 0; i < few.size(); ++i) {
      CHECK((!few[i].keep || many[i].keep));
    }
  }
}

TEST_CASE("deciding again about what stayed removes nothing more") {
  for (unsigned seed = 0; seed < k_histories; ++seed) {
    CAPTURE(seed);
    Generator generator(seed);
    const Retention retention = generator.policy();
    std::vector<Summary> left;
    for (const Decision& decision : decide_at(generator.history(), retention)) {
      if (decision.keep) {
        left.push_back(decision.snapshot);
      }
    }

    for (const Decision& decision : decide_at(left, retention)) {
      CHECK(decision.keep);
    }
  }
}

TEST_CASE("limits are held, unless what always stays is more") {
  for (unsigned seed = 0; seed < k_histories; ++seed) {
    CAPTURE(seed);
    Generator generator(seed);
    const auto snapshots = generator.history();
    Retention retention = generator.policy();
    retention.keep_last = 100;
    Retention nothing;
    nothing.keep_last = 0;
    const auto protected_ones = decide_at(snapshots, nothing);
    const auto floor =
        static_cast<std::uint64_t>(std::ranges::count_if(protected_ones, &Decision::keep));
    retention.max_count = 1 + generator.below(40);

    const auto decisions = decide_at(snapshots, retention);

    const auto kept = static_cast<std::uint64_t>(std::ranges::count_if(decisions, &Decision::keep));
    CHECK(kept == std::min<std::uint64_t>(snapshots.size(), std::max(floor, *retention.max_count)));
  }
}
