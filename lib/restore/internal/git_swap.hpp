#pragma once

#include "git/state_step.hpp"
#include "project/project.hpp"
#include "restore/internal/plan_state.hpp"
#include "store/store.hpp"

#include <vector>

namespace savepoint::restore {

/// The steps that put back the state of git, one for each repository. Its destructor takes back
/// what was done, unless `close` was called, and removes what waited.
class GitSwap {
public:
  /// Makes everything ready: what the index needs gets into the object database, and what comes
  /// into the git directory waits there. Does nothing for a plan without `--git`.
  ///
  /// Throws BusyError if a git command holds the lock on an index, or HEAD or its branch are not
  /// where they were when the plan was made; RefusedError if a branch is in use in another work
  /// tree. `project`, `store` and `plan` must outlive it.
  GitSwap(const project::Project& project, const store::Store& store, const Plan::State& plan);
  ~GitSwap();
  GitSwap(const GitSwap&) = delete;
  GitSwap& operator=(const GitSwap&) = delete;

  /// Throws BusyError if somebody changed the index, HEAD or a branch meanwhile, also in a
  /// repository that stays as it is.
  void perform();
  /// Takes back what was performed; returns what could not be, as "'path': why".
  std::vector<std::string> roll_back() noexcept;
  /// Gives up the way back.
  void close();

  /// Removes what killed restores left in the git directories of the project.
  static void sweep(const project::Project& project);

private:
  const project::Project* project_;
  const store::Store* store_;
  const Plan::State* plan_;
  std::vector<git::StateStep> steps_;
  std::size_t begun_ = 0;
};

} // namespace savepoint::restore
