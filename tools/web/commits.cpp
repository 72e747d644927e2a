#include "web/commits.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>

namespace savepoint::web {
namespace {

/// So many commits are looked at to learn which comes from which.
constexpr std::size_t k_most_commits = 20'000;

} // namespace

json::Value commits_of(const git::Repository& repository,
                       const std::vector<manifest::Summary>& snapshots) {
  std::map<std::string, std::set<std::string>> names_at; // by commit
  std::set<std::string> branches;
  for (const manifest::Summary& snapshot : snapshots) {
    if (snapshot.commit) {
      names_at.try_emplace(*snapshot.commit);
    }
    if (snapshot.branch) {
      branches.insert(*snapshot.branch);
    }
  }
  const git::Head head = repository.head();
  if (head.branch) {
    branches.insert(*head.branch);
  }
  if (head.commit) {
    names_at.try_emplace(*head.commit);
  }
  for (const std::string& branch : branches) {
    if (const auto tip = repository.resolve_commit("refs/heads/" + branch)) {
      names_at[*tip].insert(branch);
    }
  }
  std::vector<std::string> commits;
  for (const auto& [commit, names] : names_at) {
    commits.push_back(commit);
  }
  const git::Lineage lineage = repository.lineage(commits, k_most_commits);
  json::Value items = json::Value::array();
  for (const auto& [commit, names] : names_at) {
    json::Value named = json::Value::array();
    for (const std::string& name : names) {
      named.push(json::text_or_bytes(name));
    }
    json::Value parents = json::Value::array();
    if (const auto found = lineage.find(commit); found != lineage.end()) {
      for (const std::string& parent : found->second) {
        parents.push(parent);
      }
    }
    items.push(json::Value::object({{"id", commit},
                                    {"parents", std::move(parents)},
                                    {"subject", json::text_or_bytes(repository.subject(commit))},
                                    {"names", std::move(named)},
                                    {"head", commit == head.commit}}));
  }
  return items;
}

} // namespace savepoint::web
