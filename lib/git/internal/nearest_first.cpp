#include "git/internal/nearest_first.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace savepoint::git {

std::vector<std::string>
nearest_first(const std::string& start, std::size_t limit,
              const std::function<std::optional<CommitNode>(const std::string&)>& look_up) {
  struct Met {
    std::string id;
    CommitNode node;
  };
  std::vector<std::string> result;
  std::unordered_set<std::string> seen;
  std::vector<Met> level;
  const auto meet = [&](std::vector<Met>& into, const std::string& id) {
    if (seen.insert(id).second) {
      if (std::optional<CommitNode> node = look_up(id)) {
        into.push_back({id, *std::move(node)});
      }
    }
  };

  meet(level, start);
  while (!level.empty()) {
    std::stable_sort(level.begin(), level.end(),
                     [](const Met& a, const Met& b) { return a.node.time > b.node.time; });
    std::vector<Met> next;
    for (const Met& met : level) {
      if (result.size() == limit) {
        return result;
      }
      result.push_back(met.id);
      for (const std::string& parent : met.node.parents) {
        meet(next, parent);
      }
    }
    level = std::move(next);
  }
  return result;
}

} // namespace savepoint::git
