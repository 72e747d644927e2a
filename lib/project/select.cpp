#include "project/select.hpp"

#include "base/error.hpp"
#include "base/nearest_word.hpp"
#include "base/printable.hpp"
#include "manifest/safety.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <unordered_map>

namespace savepoint::project {
namespace {

using manifest::Summary;
using std::string_view;
using Summaries = std::vector<Summary>;

constexpr string_view k_latest = "latest";
constexpr string_view k_branch = "branch:";
constexpr string_view k_commit = "commit:";
constexpr std::size_t k_shortest_suffix = 4;
constexpr std::size_t k_shortest_commit = 4;
constexpr std::size_t k_most_candidates = 5;
/// How far back the history of a revision is searched, in commits.
constexpr std::size_t k_longest_history = 100'000;

constexpr const char* k_list_hint = "'savepoint list' shows the snapshots there are";

bool has_tag(const Summary& snapshot, string_view tag) {
  return std::ranges::find(snapshot.marks.tags, tag) != snapshot.marks.tags.end();
}

/// The one that comes `skip` after the newest, among those that `wanted` accepts and that are not
/// set aside; null if there are not as many.
template <typename Wanted>
const Summary* newest(const Summaries& snapshots, const Wanted& wanted, std::uint64_t skip = 0) {
  for (const Summary& snapshot : snapshots) {
    if (!is_set_aside(snapshot) && wanted(snapshot) && skip-- == 0) {
      return &snapshot;
    }
  }
  return nullptr;
}

template <typename Wanted>
std::vector<const Summary*> all(const Summaries& snapshots, const Wanted& wanted) {
  std::vector<const Summary*> found;
  for (const Summary& snapshot : snapshots) {
    if (wanted(snapshot)) {
      found.push_back(&snapshot);
    }
  }
  return found;
}

[[noreturn]] void refuse_ambiguous(string_view selector, const std::vector<std::string>& choices) {
  std::string list;
  for (std::size_t i = 0; i < std::min(choices.size(), k_most_candidates); ++i) {
    list += (i == 0 ? "" : ", ") + choices[i];
  }
  if (choices.size() > k_most_candidates) {
    list += " and " + std::to_string(choices.size() - k_most_candidates) + " more";
  }
  throw UsageError(quoted(selector) + " is ambiguous: " + list, "name one of them in full");
}

/// The only one of `found`; null if there is none.
const Summary* only_one(string_view selector, const std::vector<const Summary*>& found) {
  if (found.size() > 1) {
    std::vector<std::string> choices;
    for (const Summary* const snapshot : found) {
      choices.push_back(snapshot->id.text());
    }
    refuse_ambiguous(selector, choices);
  }
  return found.empty() ? nullptr : found.front();
}

const Summary& select_latest(const Summaries& snapshots, string_view selector) {
  const string_view digits = selector.substr(k_latest.size());
  std::uint64_t skip = 0;
  if (!digits.empty()) {
    const auto [end, error] =
        std::from_chars(digits.data() + 1, digits.data() + digits.size(), skip);
    if (error != std::errc() || end != digits.data() + digits.size()) {
      throw UsageError(quoted(selector) + " does not say how many snapshots to go back",
                       "write latest~1 for the one before the latest");
    }
  }
  const auto any = [](const Summary&) { return true; };
  if (const Summary* const found = newest(snapshots, any, skip)) {
    return *found;
  }
  if (newest(snapshots, any) == nullptr) {
    throw NotFoundError("there are no snapshots yet", "take one with: savepoint snapshot");
  }
  throw NotFoundError("there are not as many snapshots as " + quoted(selector) + " goes back",
                      k_list_hint);
}

git::Repository* repository_of(const Project* project) {
  return project == nullptr ? nullptr : project->repository();
}

bool is_hex(string_view text) {
  return text.find_first_not_of("0123456789abcdef") == string_view::npos;
}

/// The commit that `revision` means: what git says, else, because snapshots outlive commits, the
/// commit of a snapshot whose id begins like this.
std::string commit_of(const Summaries& snapshots, string_view revision, const Project* project) {
  const git::Repository* const repository = repository_of(project);
  if (repository != nullptr) {
    if (const auto commit = repository->resolve_commit(revision)) {
      return *commit;
    }
  }
  std::set<std::string> commits;
  if (revision.size() >= k_shortest_commit && is_hex(revision)) {
    for (const Summary& snapshot : snapshots) {
      if (snapshot.commit && snapshot.commit->starts_with(revision)) {
        commits.insert(*snapshot.commit);
      }
    }
  }
  if (commits.size() > 1) {
    refuse_ambiguous(revision, {commits.begin(), commits.end()});
  }
  if (commits.empty()) {
    throw NotFoundError("there is no commit " + quoted(revision),
                        repository == nullptr ? "this is not a git work tree: give a commit's id"
                                              : "git log shows the commits there are");
  }
  return *commits.begin();
}

/// What to do where `typed` is none of what is `there`.
std::string hint_for(string_view typed, const std::vector<string_view>& there,
                     const std::string& before = {}) {
  const std::string near = nearest_word(typed, there);
  return near.empty() ? k_list_hint : "did you mean " + quoted(before + near) + "?";
}

const Summary& select_by_id(const Summaries& snapshots, const SnapshotId& id) {
  const auto found = std::ranges::find(snapshots, id, &Summary::id);
  if (found == snapshots.end()) {
    std::vector<string_view> ids;
    for (const Summary& snapshot : snapshots) {
      ids.emplace_back(snapshot.id.text());
    }
    throw NotFoundError("there is no snapshot " + quoted(id.text()), hint_for(id.text(), ids));
  }
  return *found;
}

const Summary& select_by_branch(const Summaries& snapshots, string_view branch) {
  const auto on_branch = [branch](const Summary& snapshot) { return snapshot.branch == branch; };
  if (const Summary* const found = newest(snapshots, on_branch)) {
    return *found;
  }
  std::vector<string_view> branches;
  for (const Summary& snapshot : snapshots) {
    if (snapshot.branch) {
      branches.emplace_back(*snapshot.branch);
    }
  }
  throw NotFoundError("there is no snapshot of the branch " + quoted(branch),
                      hint_for(branch, branches, "branch:"));
}

const Summary& select_by_commit(const Summaries& snapshots, string_view revision,
                                const Project* project) {
  const std::string commit = commit_of(snapshots, revision, project);
  const auto at_commit = [&commit](const Summary& snapshot) { return snapshot.commit == commit; };
  if (const Summary* const found = newest(snapshots, at_commit)) {
    return *found;
  }
  throw NotFoundError("there is no snapshot of the commit " + quoted(revision),
                      "'savepoint restore --at' takes the nearest one before it");
}

/// The newest snapshot taken at `commit`, else at the nearest of its ancestors; nothing if there is
/// none. `what` says in messages what was asked for.
std::optional<AtRevision> find_in_history(const Summaries& snapshots, const std::string& commit,
                                          const std::string& what, const Project& project) {
  std::unordered_map<string_view, const Summary*> newest_at;
  for (const Summary& snapshot : snapshots) {
    if (snapshot.commit && !is_set_aside(snapshot)) {
      newest_at.emplace(*snapshot.commit, &snapshot);
    }
  }
  if (const auto exact = newest_at.find(commit); exact != newest_at.end()) {
    return AtRevision{*exact->second, commit, 0, "taken at " + what};
  }
  const git::Repository* const repository = project.repository();
  if (repository == nullptr || newest_at.empty()) {
    return std::nullopt;
  }
  for (const std::string& ancestor : repository->history(commit, k_longest_history)) {
    if (const auto found = newest_at.find(ancestor); found != newest_at.end()) {
      const std::uint64_t steps = repository->commits_in_range(ancestor + ".." + commit).size();
      return AtRevision{*found->second, commit, steps,
                        "no snapshot was taken at " + what + "; the nearest was taken " +
                            std::to_string(steps) + (steps == 1 ? " commit" : " commits") +
                            " before it"};
    }
  }
  return std::nullopt;
}

/// Whether the end by which people call a snapshot was typed but for one letter, or but for its
/// end.
bool is_nearly(string_view short_id, string_view typed) {
  if (typed.size() < short_id.size()) {
    return typed.size() > 1 && short_id.starts_with(typed);
  }
  std::size_t wrong = typed.size() - short_id.size();
  for (std::size_t i = 0; i < short_id.size(); ++i) {
    wrong += short_id[i] == typed[i] ? 0U : 1U;
  }
  return wrong == 1;
}

/// What a text that is nothing else may mean: a tag, of which the newest snapshot counts, or a part
/// of an id.
const Summary& select_by_name(const Summaries& snapshots, string_view selector) {
  const auto ends_so = [&](const Summary& one) {
    return selector.size() >= k_shortest_suffix && one.id.text().ends_with(selector);
  };
  const auto tagged = std::ranges::find_if(
      snapshots, [selector](const Summary& one) { return has_tag(one, selector); });
  if (tagged != snapshots.end()) {
    const auto ending = std::ranges::find_if(
        snapshots, [&](const Summary& one) { return one.id != tagged->id && ends_so(one); });
    if (ending != snapshots.end()) {
      throw UsageError(quoted(selector) + " is a tag of " + tagged->id.text() + " and the end of " +
                           ending->id.text(),
                       "write the whole id");
    }
    return *tagged;
  }
  const auto alike = all(snapshots, [&](const Summary& one) {
    return one.id.text().starts_with(selector) || ends_so(one);
  });
  if (const Summary* const found = only_one(selector, alike)) {
    return *found;
  }
  std::vector<string_view> words{k_latest};
  for (const Summary& snapshot : snapshots) {
    words.insert(words.end(), snapshot.marks.tags.begin(), snapshot.marks.tags.end());
  }
  std::string hint = hint_for(selector, words);
  for (const Summary& snapshot : snapshots) {
    const string_view id = snapshot.id.text();
    const string_view short_id = id.substr(id.rfind('-') + 1);
    if (hint == k_list_hint && is_nearly(short_id, selector)) {
      hint = "did you mean " + quoted(short_id) + "?";
    }
  }
  throw NotFoundError("there is no snapshot " + quoted(selector), std::move(hint));
}

} // namespace

bool is_set_aside(const Summary& snapshot) {
  return snapshot.trigger == manifest::k_safety_trigger || has_tag(snapshot, k_recovery_due_tag);
}

Summaries visible_snapshots(const store::Store& store, const Project* project) {
  Summaries snapshots = store.snapshots();
  if (project != nullptr) {
    const manifest::ProjectIdentity own = project->identity();
    std::erase_if(snapshots, [&own](const Summary& snapshot) {
      return snapshot.project != own.id || snapshot.worktree != own.worktree;
    });
  }
  return snapshots;
}

Summary select(const Summaries& snapshots, string_view selector, const Project* project) {
  if (selector.empty()) {
    throw UsageError("no snapshot is named", "name one by its id, or write: latest");
  }
  if (const auto id = SnapshotId::parse(selector)) {
    return select_by_id(snapshots, *id);
  }
  if (selector == k_latest || selector.starts_with("latest~")) {
    return select_latest(snapshots, selector);
  }
  if (selector.starts_with(k_branch)) {
    return select_by_branch(snapshots, selector.substr(k_branch.size()));
  }
  if (selector.starts_with(k_commit)) {
    return select_by_commit(snapshots, selector.substr(k_commit.size()), project);
  }
  return select_by_name(snapshots, selector);
}

AtRevision select_at(const Summaries& snapshots, string_view revision, const Project& project) {
  const std::string commit = commit_of(snapshots, revision, &project);
  if (auto found = find_in_history(snapshots, commit, quoted(revision), project)) {
    return std::move(*found);
  }
  throw NotFoundError("there is no snapshot of the commit " + quoted(revision) +
                          " or of one before it",
                      k_list_hint);
}

AtRevision select_branch(const Summaries& snapshots, string_view branch, const Project& project) {
  const git::Repository* const repository = project.repository();
  const auto tip = repository != nullptr
                       ? repository->resolve_commit("refs/heads/" + std::string(branch))
                       : std::nullopt;
  const auto on_branch = [&](const Summary& one) { return one.branch == branch; };
  std::string why = "the branch " + quoted(branch) + " is gone; this is the newest taken on it";
  if (tip) {
    const auto at_tip = [&](const Summary& one) { return on_branch(one) && one.commit == *tip; };
    if (const Summary* const found = newest(snapshots, at_tip)) {
      return {*found, *tip, 0, "taken on " + quoted(branch) + ", at its newest commit"};
    }
    if (auto found = find_in_history(snapshots, *tip, "the branch " + quoted(branch), project)) {
      return std::move(*found);
    }
    why = "no snapshot was taken in the history of " + quoted(branch) +
          "; this is the newest taken on it";
  }
  return {select_by_branch(snapshots, branch), tip.value_or(""), 0, std::move(why)};
}

Summaries filter(Summaries snapshots, const Filter& filter, const Project* project) {
  if (filter.commit) {
    std::set<std::string> commits;
    if (filter.commit->find("..") == std::string::npos) {
      commits.insert(commit_of(snapshots, *filter.commit, project));
    } else if (const git::Repository* const repository = repository_of(project)) {
      const std::vector<std::string> range = repository->commits_in_range(*filter.commit);
      commits.insert(range.begin(), range.end());
    } else {
      throw UsageError("a range of commits means nothing outside a git work tree",
                       "name the project with -C");
    }
    std::erase_if(snapshots, [&commits](const Summary& snapshot) {
      return !snapshot.commit || !commits.contains(*snapshot.commit);
    });
  }
  std::erase_if(snapshots, [&filter](const Summary& snapshot) {
    return (filter.branch && snapshot.branch != filter.branch) ||
           (filter.tag && !has_tag(snapshot, *filter.tag)) ||
           (filter.trigger && snapshot.trigger != *filter.trigger &&
            !snapshot.trigger.starts_with(*filter.trigger + ":"));
  });
  if (filter.limit && snapshots.size() > *filter.limit) {
    snapshots.erase(snapshots.begin() + static_cast<std::ptrdiff_t>(*filter.limit),
                    snapshots.end());
  }
  return snapshots;
}

} // namespace savepoint::project
