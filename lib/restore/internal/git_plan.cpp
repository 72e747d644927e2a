#include "restore/internal/git_plan.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "git/branch_moves.hpp"
#include "git/state_files.hpp"
#include "store/content.hpp"

#include <algorithm>
#include <set>

namespace savepoint::restore {
namespace {

constexpr std::string_view k_heads = "refs/heads/";
constexpr std::size_t k_most_named = 20;
constexpr std::size_t k_longest_history = 100'000;
constexpr std::size_t k_short = 10;

std::string short_id(const std::optional<std::string>& id) {
  return id ? id->substr(0, k_short) : "no commit";
}

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

/// Names the commits that no branch has any more after this.
void find_commits_since(const git::Repository& repository, GitChange& change) {
  const std::optional<std::string> tip =
      change.branch_moves                                                    ? change.branch_at
      : !change.branch_before && change.commit_before != change.commit_after ? change.commit_before
                                                                             : std::nullopt;
  if (!tip) {
    return;
  }
  const std::vector<std::string> commits =
      change.commit_after ? repository.commits_in_range(*change.commit_after + ".." + *tip)
                          : repository.history(*tip, k_longest_history);
  change.since_count = commits.size();
  for (std::size_t i = 0; i < std::min(commits.size(), k_most_named); ++i) {
    change.since.push_back({commits[i], repository.subject(commits[i])});
  }
}

GitChange compare(const git::Repository& repository, const GitTarget& present,
                  const GitTarget& target, const std::string& operation) {
  GitChange change;
  change.path = target.path;
  change.branch_before = branch_of(present.head);
  change.branch_after = branch_of(target.head);
  change.commit_before = present.commit;
  change.commit_after = target.commit;
  change.head_changes = present.head != target.head;
  change.head_is_broken = !git::parse_head(target.head).has_value();
  change.index_changes = present.index != target.index;
  change.operation_changes = present.files != target.files;
  change.operation_after = operation;
  if (change.branch_after) {
    change.branch_at = repository.resolve_commit(std::string(k_heads) + *change.branch_after);
    change.branch_moves = change.branch_at != change.commit_after;
  }
  find_commits_since(repository, change);
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
    GitChange change =
        compare(*repository, *now, target, target.path.empty() ? plan.target.git->operation : "");
    change.operation_before = repository->operation();
    plan.git_changes.push_back(std::move(change));
    plan.git.push_back(std::move(target));
  }
}

std::vector<PlannedChange> describe_git(const std::vector<GitChange>& changes) {
  std::vector<PlannedChange> described;
  for (const GitChange& change : changes) {
    const auto add = [&](const std::string& what, const std::string& text) {
      described.push_back({.action = PlannedChange::Action::git,
                           .path = change.path.empty() ? what : change.path + ": " + what,
                           .into = text});
    };
    if (change.branch_moves) {
      const std::string from = change.branch_at ? "moves from " + short_id(change.branch_at) +
                                                      " to " + short_id(change.commit_after)
                                                : "is made at " + short_id(change.commit_after);
      const std::string kept = change.since_count == 0
                                   ? ""
                                   : "; " + std::to_string(change.since_count) +
                                         (change.since_count == 1 ? " commit made since stays"
                                                                  : " commits made since stay") +
                                         " reachable as " + change.kept_as;
      add("branch " + *change.branch_after,
          change.commit_after ? from + kept : "goes, as before its first commit" + kept);
    }
    if (change.head_changes ||
        (!change.branch_moves && change.commit_before != change.commit_after)) {
      const auto name = [](const std::optional<std::string>& branch,
                           const std::optional<std::string>& commit) {
        return branch ? *branch : short_id(commit) + " (detached)";
      };
      add("HEAD", change.head_is_broken
                      ? "becomes one that git cannot read, as it was"
                      : "from " + name(change.branch_before, change.commit_before) + " to " +
                            name(change.branch_after, change.commit_after));
    }
    if (change.index_changes) {
      add("index", "becomes what was staged then");
    }
    if (change.operation_changes) {
      const auto name = [](const std::string& operation) {
        return operation.empty() ? std::string("none") : operation;
      };
      add("operation in progress",
          "from " + name(change.operation_before) + " to " + name(change.operation_after));
    }
  }
  return described;
}

std::vector<MovedBranch> moved_branches(const Plan::State& plan) {
  std::vector<MovedBranch> moved;
  for (const GitChange& change : plan.git_changes) {
    if (change.branch_moves && change.branch_after != change.branch_before) {
      moved.push_back({change.path, std::string(k_heads) + *change.branch_after, change.branch_at});
    }
  }
  return moved;
}

} // namespace savepoint::restore
