#include "project/branches.hpp"

#include "manifest/follow.hpp"

#include <set>

namespace savepoint::project {

std::vector<std::string> live_branches(const std::vector<manifest::Summary>& snapshots,
                                       const Project* project) {
  std::vector<std::string> live;
  if (project == nullptr || project->repository() == nullptr) {
    return live;
  }
  std::set<std::string> named;
  for (const manifest::Summary& summary : snapshots) {
    if (summary.branch) {
      named.insert(*summary.branch);
    }
    if (const auto branch = manifest::followed_branch(summary.trigger)) {
      named.insert(*branch);
    }
  }
  const git::Repository& repository = *project->repository();
  const std::optional<std::string> current = repository.head().branch;
  for (const std::string& branch : named) {
    if (branch == current || repository.resolve_commit("refs/heads/" + branch)) {
      live.push_back(branch);
    }
  }
  return live;
}

} // namespace savepoint::project
