#include "restore/internal/plan_files.hpp"

#include <algorithm>
#include <unordered_map>

namespace savepoint::restore {
namespace {

using Group = std::vector<std::string>;
using GroupOf = std::unordered_map<std::string, const Group*>;

store::HardLinks links_of(const store::ChunkSource& source, const manifest::Manifest& manifest) {
  return manifest.code && manifest.code->hard_links
             ? store::get_hard_links(source, *manifest.code->hard_links)
             : store::HardLinks();
}

GroupOf group_of(const store::HardLinks& links) {
  GroupOf groups;
  for (const Group& group : links) {
    for (const std::string& path : group) {
      groups.emplace(path, &group);
    }
  }
  return groups;
}

class LinkPlanner {
public:
  LinkPlanner(const store::ChunkSource& trees, const PathFilter& filter, Plan::State& plan)
      : trees_(&trees), filter_(&filter), plan_(&plan), now_(links_of(trees, plan.present)),
        then_(links_of(trees, plan.target)), group_now_(group_of(now_)),
        group_then_(group_of(then_)) {}

  void run() {
    for (const Group& group : now_) {
      if (std::ranges::binary_search(then_, group)) {
        continue;
      }
      for (const std::string& path : group) { // those that shall stand alone
        if (!group_then_.contains(path)) {
          stage(path);
        }
      }
    }
    for (const Group& group : then_) {
      link(group);
    }
  }

private:
  void link(const Group& group) {
    const bool is_as_now = std::ranges::binary_search(now_, group);
    Group members;
    bool any_staged = false;
    for (const std::string& path : group) {
      if (!filter_->includes(path)) {
        continue;
      }
      members.push_back(path);
      const auto change = plan_->paths.find(path);
      any_staged = any_staged || (change != plan_->paths.end() && needs_staging(change->second));
    }
    const bool is_alone = members.size() == 1 && !group_now_.contains(members.front());
    if (members.empty() || (is_as_now && !any_staged) || is_alone) {
      return;
    }
    std::optional<std::string> first;
    for (const std::string& path : members) {
      if (PathChange* change = stage(path)) {
        change->same_as = first ? std::make_unique<std::string>(*first) : nullptr;
        first = first ? first : path;
      }
    }
  }

  /// Makes sure that `path` becomes a new file. Null if it is no file in the target.
  PathChange* stage(const std::string& path) {
    if (const auto known = plan_->paths.find(path); known != plan_->paths.end()) {
      known->second.is_made_anew = true;
      return known->second.after && known->second.after->kind == store::EntryKind::file
                 ? &known->second
                 : nullptr;
    }
    const bool is_given_up = std::ranges::count(plan_->missing, path) > 0;
    if (!filter_->includes(path) || is_given_up) {
      return nullptr;
    }
    const auto entry = store::find_path(*trees_, plan_->target.code->tree, path);
    const auto now = store::find_path(*trees_, plan_->present.code->tree, path);
    if (!entry || entry->kind != store::EntryKind::file || !now) {
      return nullptr;
    }
    require_writable_path(path);
    return &plan_->paths
                .emplace(path, PathChange{.before = to_entry(now),
                                          .after = to_entry(entry),
                                          .is_made_anew = true})
                .first->second;
  }

  const store::ChunkSource* trees_;
  const PathFilter* filter_;
  Plan::State* plan_;
  store::HardLinks now_;
  store::HardLinks then_;
  GroupOf group_now_;
  GroupOf group_then_;
};

} // namespace

void plan_hard_links(const store::ChunkSource& trees, const PathFilter& filter, Plan::State& plan) {
  if (plan.target.code && plan.present.code) {
    LinkPlanner(trees, filter, plan).run();
  }
}

} // namespace savepoint::restore
