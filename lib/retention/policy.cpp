#include "retention/policy.hpp"

#include "base/printable.hpp"
#include "manifest/follow.hpp"
#include "manifest/safety.hpp"
#include "retention/internal/buckets.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

namespace savepoint::retention {
namespace {

using config::Retention;
using manifest::Summary;

/// One decision in the making.
struct Case {
  Decision decision;
  bool is_protected = false; ///< Kept whatever the limits say.
};
using Cases = std::vector<Case>; // the newest first

void keep(Case& one, std::string reason) {
  one.decision.reasons.push_back(std::move(reason));
}

void protect(Case& one, std::string reason) {
  keep(one, std::move(reason));
  one.is_protected = true;
}

/// Limits and tags alone do not say what to keep: taking them for a policy would empty the store of
/// somebody who only wrote "max_size". Then the default rules hold.
Retention completed(const Retention& retention) {
  return retention.has_rule() ? retention : config::default_retention().overridden_by(retention);
}

bool is_in_future(const Summary& snapshot, Timestamp now) {
  return snapshot.created_at > now;
}

/// How old each case is: what passed from it to the project's newest snapshot, as the snapshots in
/// between tell it. Not to now, nor across the longest break of more than a month: a clock that is
/// ahead, and the first snapshot that is taken by it, would make all others old at once.
class Ages {
public:
  Ages(const Cases& cases, Timestamp now) {
    std::map<std::string, Project> projects;
    for (const Case& one : cases) {
      const Summary& snapshot = one.decision.snapshot;
      if (is_in_future(snapshot, now)) {
        ages_.emplace_back();
        continue;
      }
      Project& project =
          projects.emplace(snapshot.project, Project{snapshot.created_at}).first->second;
      const Age gap = std::max(Age{}, Age(project.reached - snapshot.created_at));
      project.reached = snapshot.created_at;
      project.passed += gap;
      project.longest_break = std::max(project.longest_break, gap > k_month ? gap : Age{});
      ages_.push_back(project.passed - project.longest_break);
    }
  }

  /// Whether a case, which is not from the future, is no older than `age`.
  [[nodiscard]] bool is_within(std::size_t one, std::chrono::seconds age) const {
    return std::chrono::floor<std::chrono::seconds>(ages_[one]) <= age;
  }

private:
  using Age = std::chrono::duration<double>; // no sum of gaps overflows it
  static constexpr Age k_month = std::chrono::days(30);
  struct Project {
    Timestamp reached;
    Age passed{};
    Age longest_break{};
  };
  std::vector<Age> ages_;
};

void protect_marked(Cases& cases, const Ages& ages, Timestamp now) {
  for (std::size_t index = 0; index < cases.size(); ++index) {
    Case& one = cases[index];
    const Summary& snapshot = one.decision.snapshot;
    if (snapshot.marks.pinned) {
      protect(one, "pinned");
    }
    if (is_in_future(snapshot, now)) {
      protect(one, "taken in the future");
    } else if (snapshot.trigger == manifest::k_safety_trigger &&
               ages.is_within(index, std::chrono::hours(24))) {
      protect(one, "safety snapshot of the last 24 hours");
    }
  }
}

void protect_newest(Cases& cases, const std::vector<std::string>& live_branches) {
  const std::set<std::string> live(live_branches.begin(), live_branches.end());
  std::set<std::pair<std::string, std::string>> worktrees;
  std::set<std::pair<std::string, std::string>> branches;
  std::set<std::tuple<std::string, std::string, std::string>> followed;
  for (Case& one : cases) {
    const Summary& snapshot = one.decision.snapshot;
    if (worktrees.emplace(snapshot.project, snapshot.worktree).second) {
      protect(one, "newest of this work tree");
    }
    if (snapshot.branch && live.contains(*snapshot.branch) &&
        branches.emplace(snapshot.project, *snapshot.branch).second) {
      protect(one, "newest on branch " + printable(*snapshot.branch));
    }
    const auto branch = manifest::followed_branch(snapshot.trigger);
    if (branch && live.contains(*branch) &&
        followed.emplace(snapshot.project, snapshot.worktree, *branch).second) {
      protect(one, "databases of branch " + printable(*branch));
    }
  }
}

/// Projects may share a store: each has its own count, or a busy one would take all places.
void keep_last(Cases& cases, const std::optional<std::uint64_t>& most) {
  std::map<std::string, std::uint64_t> kept;
  for (Case& one : cases) {
    std::uint64_t& count = kept[one.decision.snapshot.project];
    if (count < most.value_or(0)) {
      ++count;
      keep(one, "last " + std::to_string(count) + " of " + std::to_string(*most));
    }
  }
}

/// Keeps the newest snapshot of each of the `most` newest buckets. Snapshots from the future are
/// kept anyway and must not use up buckets.
void keep_buckets(Cases& cases, const std::optional<std::uint64_t>& most, std::string_view rule,
                  std::string (*bucket_of)(Timestamp), Timestamp now) {
  if (!most) {
    return;
  }
  std::map<std::string, std::set<std::string>> seen;
  for (Case& one : cases) {
    const Summary& snapshot = one.decision.snapshot;
    std::set<std::string>& buckets = seen[snapshot.project];
    if (is_in_future(snapshot, now)) {
      continue;
    }
    const std::string bucket = bucket_of(snapshot.created_at);
    if (buckets.size() < *most && buckets.insert(bucket).second) {
      keep(one, std::string(rule) + " " + bucket);
    }
  }
}

/// An age of 0 keeps none, as a number of 0 does.
void keep_within(Cases& cases, const std::optional<std::chrono::seconds>& age, const Ages& ages,
                 Timestamp now) {
  if (!age || *age == std::chrono::seconds(0)) {
    return;
  }
  for (std::size_t index = 0; index < cases.size(); ++index) {
    if (!is_in_future(cases[index].decision.snapshot, now) && ages.is_within(index, *age)) {
      keep(cases[index], "within " + to_text(*age));
    }
  }
}

void protect_tagged(Cases& cases, const std::vector<std::string>& tags) {
  for (Case& one : cases) {
    for (const std::string& tag : one.decision.snapshot.marks.tags) {
      if (std::ranges::find(tags, tag) != tags.end()) {
        protect(one, "tag " + printable(tag));
      }
    }
  }
}

void remove(Case& one, std::string reason) {
  one.decision.keep = false;
  one.decision.reasons = {std::move(reason)};
}

void remove_what_nothing_keeps(Cases& cases) {
  for (Case& one : cases) {
    if (one.decision.reasons.empty()) {
      remove(one, "no rule keeps it");
    }
  }
}

/// Goes from the oldest to the newest and removes what only rules keep, as long as `measure` is
/// over `most`; `weight` says by how much a removal lowers it.
template <typename Weight>
void remove_oldest(Cases& cases, std::uint64_t measure, std::uint64_t most, Weight weight,
                   const std::string& why) {
  for (auto one = cases.rbegin(); one != cases.rend() && measure > most; ++one) {
    if (one->decision.keep && !one->is_protected) {
      measure -= std::min(measure, weight(one->decision.snapshot));
      remove(*one, why);
    }
  }
}

void apply_max_count(Cases& cases, const std::optional<std::uint64_t>& most) {
  const auto kept = std::ranges::count_if(cases, [](const Case& one) { return one.decision.keep; });
  if (most) {
    remove_oldest(
        cases, static_cast<std::uint64_t>(kept), *most,
        [](const Summary&) { return std::uint64_t{1}; }, "over max_count " + std::to_string(*most));
  }
}

void apply_max_size(Cases& cases, const std::optional<std::uint64_t>& most,
                    std::uint64_t store_size) {
  std::uint64_t size = store_size;
  for (const Case& one : cases) {
    size -= one.decision.keep ? 0 : std::min(size, one.decision.snapshot.bytes_added);
  }
  if (most) {
    remove_oldest(
        cases, size, *most, [](const Summary& snapshot) { return snapshot.bytes_added; },
        "over max_size");
  }
}

} // namespace

std::vector<Decision> decide(const std::vector<Summary>& snapshots, const Retention& retention,
                             Timestamp now, const std::vector<std::string>& live_branches,
                             std::uint64_t store_size) {
  const Retention rules = completed(retention);
  Cases cases;
  cases.reserve(snapshots.size());
  for (const Summary& snapshot : snapshots) {
    cases.push_back({{snapshot, true, {}}, false});
  }

  const Ages ages(cases, now);
  protect_marked(cases, ages, now);
  protect_newest(cases, live_branches);
  protect_tagged(cases, rules.keep_tags);
  keep_last(cases, rules.keep_last);
  keep_buckets(cases, rules.keep_hourly, "hourly", hour_of, now);
  keep_buckets(cases, rules.keep_daily, "daily", day_of, now);
  keep_buckets(cases, rules.keep_weekly, "weekly", week_of, now);
  keep_buckets(cases, rules.keep_monthly, "monthly", month_of, now);
  keep_buckets(cases, rules.keep_yearly, "yearly", year_of, now);
  keep_within(cases, rules.keep_within, ages, now);
  remove_what_nothing_keeps(cases);
  apply_max_count(cases, rules.max_count);
  apply_max_size(cases, rules.max_size, store_size);

  std::vector<Decision> decisions;
  decisions.reserve(cases.size());
  for (Case& one : cases) {
    decisions.push_back(std::move(one.decision));
  }
  return decisions;
}

} // namespace savepoint::retention
