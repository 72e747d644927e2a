#include "git/internal/lineage.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <queue>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace savepoint::git {
namespace {

/// A commit on the way, and the wanted commits below which it was found with nothing between.
struct Met {
  CommitNode node;
  std::set<std::string> children; ///< All that were ever found.
  std::set<std::string> fresh;    ///< Those of them that its parents do not know of yet.
  bool is_waiting = false;
};

/// Walks from the newest to the oldest. Where a clock was wrong a commit is met again, as often as
/// something new leads to it.
class Walk {
public:
  using LookUp = std::function<std::optional<CommitNode>(const std::string&)>;
  Walk(const std::vector<std::string>& commits, const LookUp& look_up)
      : wanted_(commits.begin(), commits.end()), unmet_(wanted_), look_up_(&look_up) {
    for (const std::string& commit : wanted_) {
      if (meet(commit, {})) {
        oldest_ = std::min(oldest_, met_.at(commit).node.time);
      } else {
        unmet_.erase(commit);
      }
    }
  }

  /// All that were wanted have been met, and what comes now is older than they are.
  [[nodiscard]] bool is_done() const {
    return waiting_.empty() || (unmet_.empty() && waiting_.top().first < oldest_);
  }

  void step() {
    const std::string commit = waiting_.top().second;
    waiting_.pop();
    Met& met = met_.at(commit);
    met.is_waiting = false;
    std::set<std::string> children = std::exchange(met.fresh, {});
    if (wanted_.contains(commit)) {
      unmet_.erase(commit);
      for (const std::string& child : children) {
        lineage_[child].push_back(commit);
      }
      if (!passed_.insert(commit).second) {
        return; // its parents know it
      }
      children = {commit};
    }
    for (const std::string& parent : met.node.parents) { // stays where it is while others come
      meet(parent, children);
    }
  }

  [[nodiscard]] Lineage take() { return std::move(lineage_); }

private:
  bool meet(const std::string& commit, const std::set<std::string>& children) {
    auto found = met_.find(commit);
    if (found == met_.end()) {
      std::optional<CommitNode> node = (*look_up_)(commit);
      if (!node) {
        return false; // the history was cut here
      }
      found =
          met_.emplace(commit, Met{.node = *std::move(node), .children = {}, .fresh = {}}).first;
      found->second.is_waiting = true;
      waiting_.emplace(found->second.node.time, commit);
    }
    Met& met = found->second;
    for (const std::string& child : children) {
      if (met.children.insert(child).second) {
        met.fresh.insert(child);
      }
    }
    if (!met.fresh.empty() && !met.is_waiting) {
      met.is_waiting = true;
      waiting_.emplace(met.node.time, commit);
    }
    return true;
  }

  std::unordered_set<std::string> wanted_;
  std::unordered_set<std::string> unmet_;
  std::int64_t oldest_ = std::numeric_limits<std::int64_t>::max();
  std::unordered_set<std::string> passed_;
  const LookUp* look_up_;
  std::unordered_map<std::string, Met> met_;
  std::priority_queue<std::pair<std::int64_t, std::string>> waiting_;
  Lineage lineage_;
};

} // namespace

Lineage find_lineage(const std::vector<std::string>& commits, std::size_t limit,
                     const std::function<std::optional<CommitNode>(const std::string&)>& look_up) {
  Walk walk(commits, look_up);
  for (std::size_t steps = 0; steps < limit && !walk.is_done(); ++steps) {
    walk.step();
  }
  return walk.take();
}

} // namespace savepoint::git
