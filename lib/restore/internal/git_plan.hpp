#pragma once

#include "project/project.hpp"
#include "restore/internal/git_target.hpp"
#include "restore/internal/plan_state.hpp"
#include "store/chunks.hpp"

#include <optional>
#include <string>
#include <vector>

namespace savepoint::restore {

/// The repository at `path` below the project's root: a submodule, or with "" the project's own.
/// Null if there is none.
class GitPlaces {
public:
  /// `project` must outlive it.
  explicit GitPlaces(const project::Project& project) : project_(&project) {}
  [[nodiscard]] const git::Repository* find(const std::string& path);

private:
  const project::Project* project_;
  std::optional<git::Repository> submodule_; // the last one
  std::string path_;
};

/// Finds out what `--git` changes: fills in `git` and `git_changes` of the plan, whose present and
/// target are known. `source` has the trees of both.
///
/// Throws NotFoundError if the snapshot has no git state, the project no repository, or a commit is
/// missing; UsageError if only a part of the files is asked for.
void plan_git(const project::Project& project, const store::ChunkSource& source, Plan::State& plan);

/// The branches that the plan moves and that are not those of HEAD: the safety snapshot has to know
/// where they were.
[[nodiscard]] std::vector<MovedBranch> moved_branches(const Plan::State& plan);

} // namespace savepoint::restore
