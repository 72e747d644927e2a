#include "web/commits.hpp"

#include "cli/documents.hpp"

#include <map>
#include <set>
#include <string>

namespace savepoint::web {

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
  git::Lineage lineage = repository.lineage(commits);
  json::Value items = json::Value::array();
  for (const auto& [commit, names] : names_at) {
    items.push(json::Value::object({{"id", commit},
                                    {"parents", cli::names_document(lineage[commit])},
                                    {"subject", json::text_or_bytes(repository.subject(commit))},
                                    {"names", cli::names_document({names.begin(), names.end()})},
                                    {"head", commit == head.commit}}));
  }
  return items;
}

} // namespace savepoint::web
