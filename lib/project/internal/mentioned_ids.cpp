#include "project/internal/mentioned_ids.hpp"

#include <algorithm>
#include <iterator>

namespace savepoint::project {
namespace {

constexpr std::size_t k_few_needs = 16; // up to here no history is read to make them less
constexpr std::size_t k_history = 4096; // commits that are looked at for that

/// Whether a file of the state says where an operation began, stands or goes: what such files name
/// comes before what lists of steps name.
bool is_landmark(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return name == "orig-head" || name == "onto" || name == "autostash" || name == "head" ||
         name == "stopped-sha" || name == "MERGE_AUTOSTASH" || name == "BISECT_START" ||
         name == "abort-safety" || (name == path && (name == "HEAD" || name.ends_with("_HEAD")));
}

} // namespace

void MentionedIds::add(std::string_view file, const std::vector<std::string>& ids) {
  std::vector<std::string>& known = is_landmark(file) ? landmarks_ : others_;
  std::ranges::copy(ids, std::back_inserter(known));
}

std::vector<std::string> MentionedIds::needed_commits() const {
  std::set<std::string> seen;
  const auto each_once = [&](std::vector<std::string> ids) {
    std::erase_if(ids, [&](const std::string& id) { return !seen.insert(id).second; });
    return ids;
  };
  // A tree that is kept like a commit has git complain whenever it collects.
  const auto is_no_commit = [&](const std::string& id) { return !repository_->resolve_commit(id); };
  std::vector<std::string> needs = repository_->known_objects(each_once(landmarks_));
  std::erase_if(needs, is_no_commit);
  std::vector<std::string> others = repository_->known_objects(each_once(others_));
  for (const std::string& landmark : needs) {
    if (needs.size() + others.size() <= k_few_needs || others.empty()) {
      break;
    }
    const std::vector<std::string> history = repository_->history(landmark, k_history);
    const std::set<std::string> held(history.begin(), history.end());
    std::erase_if(others, [&](const std::string& id) { return held.contains(id); });
  }
  std::erase_if(others, is_no_commit);
  std::ranges::move(others, std::back_inserter(needs));
  return needs;
}

} // namespace savepoint::project
