#include "restore/internal/git_plan.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "git/branch_moves.hpp"
#include "git/operation.hpp"
#include "git/state_files.hpp"
#include "store/content.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace savepoint::restore {
namespace {

constexpr std::string_view k_heads = "refs/heads/";
constexpr std::size_t k_most_named = 20;
constexpr std::size_t k_longest_history = 100'000;

std::optional<std::string> branch_of(const std::string& head) {
  const auto parsed = git::parse_head(head);
  return parsed && parsed->reference && parsed->reference->starts_with(k_heads)
             ? std::optional(parsed->reference->substr(k_heads.size()))
             : std::nullopt;
}

/// The ids that an operation in progress cannot do without.
std::set<std::string> needed_ids(const store::ChunkSource& source, const GitTarget& target,
                                 std::size_t id_length) {
  constexpr std::uint64_t k_most = std::uint64_t{1} << 30U;
  std::set<std::string> ids;
  if (target.commit) {
    ids.insert(*target.commit);
  }
  for (const auto& [path, content] : target.files) {
    if (path == "ORIG_HEAD" || path == "AUTO_MERGE" || path == "MERGE_AUTOSTASH") {
      continue; // git gets along without
    }
    const Bytes text = store::read_whole(source, content, k_most);
    for (std::string& id : git::ids_in(as_text(text), id_length)) {
      ids.insert(std::move(id));
    }
  }
  return ids;
}

void require_commits(const git::Repository& repository, const store::ChunkSource& source,
                     const Plan::State& plan, const GitTarget& target) {
  const std::set<std::string> ids = needed_ids(source, target, repository.id_length());
  std::vector<std::string> wanted;
  for (const manifest::GitNeed& need : plan.target.git->needs) {
    if (need.path == target.path && ids.contains(need.object)) {
      wanted.push_back(need.object);
    }
  }
  if (target.commit && std::ranges::count(wanted, *target.commit) == 0) {
    wanted.push_back(*target.commit);
  }
  const std::vector<std::string> there = repository.known_objects(wanted);
  for (const std::string& object : wanted) {
    if (std::ranges::count(there, object) == 0) {
      const std::string where = target.path.empty() ? "the repository" : quoted(target.path);
      throw NotFoundError("the commit " + object + ", which snapshot " +
                              quoted(plan.target.id->text()) + " needs, is not in " + where,
                          "'git fetch' may bring it back; without --git the files can be restored");
    }
  }
}

/// Fills in which branches are somewhere else afterwards.
void find_moves(const git::Repository& repository, const GitTarget& target, GitChange& change) {
  const auto add = [&](const std::string& branch, const std::optional<std::string>& to) {
    const auto from = repository.resolve_commit(std::string(k_heads) + branch);
    if (from != to) {
      change.moves.push_back({.branch = branch, .from = from, .to = to, .left = {}});
    }
  };
  if (change.branch_after) {
    add(*change.branch_after, change.commit_after);
  }
  for (const auto& [reference, commit] : target.branches) {
    const std::string branch = reference.substr(k_heads.size());
    if (branch != change.branch_after) {
      add(branch, commit);
    }
  }
}

/// Names the commits that branches, or a detached HEAD, leave behind; each where it is first met.
class LeftCommits {
public:
  explicit LeftCommits(const git::Repository& repository) : repository_(&repository) {}

  void find(GitChange& change) {
    for (GitChange::Move& move : change.moves) {
      move.left = find(move.from, move.to);
    }
    if (!change.branch_before && change.commit_before != change.commit_after) {
      change.left_by_head = find(change.commit_before, change.commit_after);
    }
  }

private:
  GitChange::Left find(const std::optional<std::string>& from,
                       const std::optional<std::string>& to) {
    GitChange::Left left;
    if (!from) {
      return left;
    }
    for (const std::string& commit : to ? repository_->commits_in_range(*to + ".." + *from)
                                        : repository_->history(*from, k_longest_history)) {
      if (!met_.insert(commit).second) {
        continue;
      }
      ++left.count;
      if (left.since.size() < k_most_named) {
        left.since.push_back({commit, repository_->subject(commit)});
      }
    }
    return left;
  }

  const git::Repository* repository_;
  std::set<std::string> met_;
};

using Files = std::vector<std::pair<std::string, manifest::Content>>;

std::string operation_of(const store::ChunkSource& source, const Files& files) {
  constexpr std::uint64_t k_largest = std::uint64_t{1} << 30U;
  return git::operation_in(
      {.has =
           [&](const std::string& path) {
             return std::ranges::any_of(files, [&](const auto& file) {
               return file.first == path || file.first.starts_with(path + "/");
             });
           },
       .text = [&](const std::string& path) -> std::optional<std::string> {
         const auto file =
             std::ranges::find(files, path, &std::pair<std::string, manifest::Content>::first);
         return file == files.end()
                    ? std::nullopt
                    : std::optional(
                          std::string(as_text(store::read_whole(source, file->second, k_largest))));
       }});
}

/// What of the git directory changes, by the names that git has there: the operation in progress,
/// and what belongs to none.
void find_files(const Files& before, const Files& after, GitChange& change) {
  std::map<std::string, std::pair<Files, Files>> names;
  for (const auto& file : before) {
    names[git::state_name_of(file.first)].first.push_back(file);
  }
  for (const auto& file : after) {
    names[git::state_name_of(file.first)].second.push_back(file);
  }
  const bool is_any = !change.operation_before.empty() || !change.operation_after.empty();
  for (const auto& [name, sides] : names) {
    if (sides.first == sides.second) {
      continue;
    }
    if (is_any && name != "ORIG_HEAD" && name != "info/sparse-checkout") {
      change.operation_changes = true;
    } else {
      change.files.push_back({.name = name,
                              .is_there_before = !sides.first.empty(),
                              .is_there_after = !sides.second.empty()});
    }
  }
}

GitChange compare(const git::Repository& repository, const store::ChunkSource& source,
                  const GitTarget& present, const GitTarget& target) {
  GitChange change;
  change.path = target.path;
  change.branch_before = branch_of(present.head);
  change.branch_after = branch_of(target.head);
  change.commit_before = present.commit;
  change.commit_after = target.commit;
  change.head_changes = present.head != target.head;
  change.head_is_broken = !git::parse_head(target.head).has_value();
  change.index_changes = present.index != target.index;
  change.operation_before = operation_of(source, present.files);
  change.operation_after = operation_of(source, target.files);
  find_files(present.files, target.files, change);
  find_moves(repository, target, change);
  LeftCommits(repository).find(change);
  return change;
}

bool moves_branches(const git::Repository& repository, const GitTarget& target) {
  return std::ranges::any_of(target.branches, [&](const auto& branch) {
    return repository.resolve_commit(branch.first) != branch.second;
  });
}

} // namespace

const git::Repository* GitPlaces::find(const std::string& path) {
  if (path.empty()) {
    return project_->repository();
  }
  if (submodule_ && path_ == path) {
    return &*submodule_;
  }
  const std::filesystem::path work_tree = project_->root() / path;
  submodule_ = git::Repository::discover(
      std::filesystem::is_directory(work_tree) ? work_tree : project_->root());
  path_ = path;
  return submodule_ && submodule_->work_tree() == work_tree ? &*submodule_ : nullptr;
}

void plan_git(const project::Project& project, const store::ChunkSource& source,
              Plan::State& plan) {
  if (!plan.request.git) {
    return;
  }
  if (!plan.request.only.code || !plan.request.paths.empty() || !plan.request.tables.empty()) {
    throw UsageError("cannot use --git for a part of the files",
                     "the state of git belongs to all of them: leave the rest out");
  }
  if (project.repository() == nullptr) {
    throw NotFoundError("cannot restore the state of git: this is not a git work tree",
                        "restore without --git");
  }
  if (!plan.target.git || !plan.target.git->tree || !plan.present.git || !plan.present.git->tree) {
    throw NotFoundError("snapshot " + quoted(plan.target.id->text()) +
                            " does not have the exact state of git",
                        "restore without --git; 'savepoint show' names its commit");
  }
  const std::vector<GitTarget> present = read_git_targets(source, *plan.present.git->tree);
  GitPlaces places(project);
  for (GitTarget& target : read_git_targets(source, *plan.target.git->tree)) {
    const auto now = std::ranges::find(present, target.path, &GitTarget::path);
    const git::Repository* const repository = places.find(target.path);
    if (now == present.end() || repository == nullptr) {
      plan.missing.push_back(target.path + "/.git: the submodule is not checked out");
      continue;
    }
    if (is_same_state(*now, target) && !moves_branches(*repository, target)) {
      plan.git_unchanged.push_back(std::move(target));
      continue;
    }
    require_commits(*repository, source, plan, target);
    static_cast<void>(git::branch_moves(*repository, {.head = target.head,
                                                      .commit = target.commit,
                                                      .index = std::nullopt,
                                                      .files = {},
                                                      .branches = target.branches}));
    plan.git_changes.push_back(compare(*repository, source, *now, target));
    plan.git.push_back(std::move(target));
  }
}

std::vector<MovedBranch> moved_branches(const Plan::State& plan) {
  std::vector<MovedBranch> moved;
  for (const GitChange& change : plan.git_changes) {
    for (const GitChange::Move& move : change.moves) {
      if (move.branch != change.branch_before) {
        moved.push_back({change.path, std::string(k_heads) + move.branch, move.from});
      }
    }
  }
  return moved;
}

const GitChange::Move* GitChange::move_of(const std::string& branch) const {
  const auto found = std::ranges::find(moves, branch, &Move::branch);
  return found == moves.end() ? nullptr : &*found;
}

} // namespace savepoint::restore
