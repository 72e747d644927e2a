#include "base/error.hpp"
#include "base/printable.hpp"
#include "fs/files.hpp"
#include "fs/lock.hpp"
#include "restore/internal/git_swap.hpp"
#include "restore/internal/journal.hpp"
#include "restore/internal/plan_state.hpp"
#include "restore/internal/safety.hpp"
#include "restore/internal/stage.hpp"
#include "restore/internal/staging.hpp"
#include "restore/internal/swap.hpp"
#include "restore/internal/swap_steps.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>

namespace savepoint::restore {
namespace {

constexpr std::chrono::seconds k_wait_for_others{10};

/// One restore at a time in a project, and none while a snapshot reads it. The lock is on the
/// project's directory itself, so it leaves no trace and ends with the process.
fs::FileLock lock_project(const project::Project& project) {
  auto lock =
      fs::FileLock::acquire(fs::open_directory(project.root()), fs::FileLock::Mode::exclusive,
                            k_wait_for_others, project.context().cancellation);
  if (!lock) {
    throw BusyError("a snapshot or another restore is at work in " +
                        quoted(project.root().string()),
                    "wait until it has finished");
  }
  return std::move(*lock);
}

std::vector<database::Restoration*> restorations(const Staged& staged) {
  std::vector<database::Restoration*> result;
  for (const StagedDatabase& database : staged.databases) {
    if (database.restoration) {
      result.push_back(database.restoration.get());
    }
  }
  return result;
}

/// Puts back what was swapped; the returned text says what could not be. Empty if the project is as
/// it was.
std::string put_back(Swap& swap, GitSwap& git, Staging& staging, const SnapshotId& safety) {
  std::vector<std::string> stuck = git.roll_back();
  std::ranges::move(swap.roll_back(), std::back_inserter(stuck));
  if (stuck.empty()) {
    return {};
  }
  staging.stay();
  return "not everything could be put back (" + stuck.front() + (stuck.size() > 1 ? ", …" : "") +
         "); the state before is in snapshot " + safety.text() +
         ": 'savepoint recover --rollback' goes back to it";
}

/// Throws BusyError unless every path is there as planned.
void check(const fs::Descriptor& root, const Plan::State& plan) {
  Directories directories(root);
  for (const auto& [path, change] : plan.paths) {
    const bool is_database =
        std::ranges::count(plan.databases, path, &manifest::DatabaseComponent::path) > 0;
    if (path.empty() || is_directory(change.before) || is_database) {
      continue; // the root stays; a directory may stay because of what is in it
    }
    const fs::Descriptor* parent = directories.find_parent(path);
    const auto there = parent == nullptr
                           ? std::nullopt
                           : fs::status_at(parent->number(), std::string(last_of(path)).c_str());
    const bool is_good =
        there.has_value() == (change.after != nullptr) &&
        (!there || change.after->kind != store::EntryKind::file ||
         (there->kind == fs::FileKind::regular && there->size == change.after->content.size));
    if (!is_good) {
      throw BusyError(quoted(path) + " changed while it was being restored",
                      "stop what changes the project, then try again");
    }
  }
}

/// The times of the directories in which databases are staged and swapped: they come back at the
/// end, whatever was made and removed there meanwhile.
class HostTimes {
public:
  HostTimes(const fs::Descriptor& root, const Plan::State& plan) : root_(&root) {
    for (const manifest::DatabaseComponent& database : plan.databases) {
      if (!plan.database_plans.at(database.name).target.path.empty()) {
        times_.emplace(parent_of(database.path), std::nullopt);
      }
    }
    remember();
  }
  ~HostTimes() {
    try {
      for (const auto& [path, mtime_ns] : times_) {
        const auto directory = fs::open_beneath(*root_, path);
        if (directory && mtime_ns) {
          fs::set_directory_mtime(*directory, *mtime_ns);
        }
      }
    } catch (const Error&) {
      return; // a time is not worth more trouble
    }
  }
  HostTimes(const HostTimes&) = delete;
  HostTimes& operator=(const HostTimes&) = delete;

  /// What they are now is what they shall be in the end.
  void remember() {
    for (auto& [path, mtime_ns] : times_) {
      const auto directory = fs::open_beneath(*root_, path);
      mtime_ns = directory ? std::optional(fs::status_of(*directory).mtime_ns) : std::nullopt;
    }
  }

private:
  const fs::Descriptor* root_;
  std::map<std::string, std::optional<std::int64_t>, PathOrder> times_;
};

/// Removes what killed restores have left in the project's root.
void sweep_root(const project::Project& project, const fs::Descriptor& root) {
  const std::int64_t mtime_ns = fs::status_of(root).mtime_ns;
  Staging::sweep(project.root(), root);
  fs::set_directory_mtime(root, mtime_ns);
}

/// What is left to do where nothing differs: a restore that was killed at its very end may have
/// left its staging directory, and the times of directories as its own renames made them.
void tidy(const project::Project& project, const fs::Descriptor& root, const Plan::State& plan) {
  sweep_root(project, root);
  for (const auto& [path, change] : plan.paths) {
    const auto directory = change.directory_after ? fs::open_beneath(root, path) : std::nullopt;
    if (directory) {
      fs::set_directory_mtime(*directory, change.directory_after->mtime_ns);
    }
  }
}

void swap_all(const fs::Descriptor& root, std::vector<Step> steps, const Plan::State& plan,
              const Staged& staged, Staging& staging, GitSwap& git, HostTimes& times,
              const SnapshotId& safety) {
  Swap swap(root, staging, restorations(staged), std::move(steps));
  try {
    swap.perform();
    check(root, plan);
    git.perform(); // last: databases may have to be swapped again
  } catch (Error& error) {
    if (const std::string trouble = put_back(swap, git, staging, safety); !trouble.empty()) {
      error.set_changed(Changed::yes);
      error.set_hint(trouble);
    }
    throw;
  } catch (const std::exception& error) { // memory ran out: what is at stake is the same
    const std::string trouble = put_back(swap, git, staging, safety);
    if (trouble.empty()) {
      throw;
    }
    IoError half_done(std::string("the restore failed halfway: ") + error.what(), 0, trouble);
    half_done.set_changed(Changed::yes);
    throw half_done;
  }
  times.remember();
  try {
    swap.close();
    git.close();
  } catch (Error& error) {
    error.set_changed(Changed::yes);
    throw;
  }
}

/// How often a restore begins anew because others wrote to a database just then.
constexpr int k_attempts = 5;

/// Takes the safety snapshot and does what the plan says; returns the snapshot.
SnapshotId save_and_swap(const project::Project& project, store::Store& store,
                         const fs::Descriptor& root, const Plan::State& plan, const Staged& staged,
                         Staging& staging, GitSwap& git, HostTimes& times, JournalKeeper& journal) {
  for (int attempt = 1;; ++attempt) {
    const Safety safety = make_safety(project, store, root, plan, staged);
    const SnapshotId& id = *safety.manifest.id;
    project.context().cancellation->check();
    std::vector<Step> steps = make_steps(store, root, plan, staged, safety.sights);
    project.context().progress->stage("putting in place", 0);
    try {
      journal.begin(id, steps);
      swap_all(root, std::move(steps), plan, staged, staging, git, times, id);
      return id;
    } catch (const database::MovedError& error) {
      if (error.changed() == Changed::yes) {
        throw;
      }
      journal.take_back(id);
      if (attempt == k_attempts) {
        throw;
      }
    } catch (const Error& error) {
      if (error.changed() == Changed::no) {
        journal.take_back(id);
      }
      throw;
    } catch (const std::exception&) {
      journal.take_back(id);
      throw;
    }
  }
}

/// Puts databases in place that are not the project's, all or none.
void swap_restorations(const std::vector<database::Restoration*>& all) {
  std::vector<database::Restoration*> swapped;
  try {
    for (database::Restoration* const restoration : all) {
      restoration->swap();
      swapped.push_back(restoration);
    }
  } catch (Error& error) {
    for (auto back = swapped.rbegin(); back != swapped.rend(); ++back) {
      try {
        (*back)->undo();
      } catch (const Error& stuck) {
        error.set_changed(Changed::yes);
        error.set_hint(std::string("a database could not be put back: ") + stuck.what());
      }
    }
    throw;
  }
}

/// Saves what is in databases that are not the project's, and replaces it; returns the snapshot.
std::optional<SnapshotId> swap_elsewhere(const project::Project& project, store::Store& store,
                                         const Plan::State& plan, const Staged& staged) {
  const std::vector<database::Restoration*> all = restorations(staged);
  for (int attempt = 1;; ++attempt) {
    const std::optional<SnapshotId> saved = save_elsewhere(project, store, plan, staged);
    if (saved) {
      mark_used(project, store, *saved);
    }
    try {
      swap_restorations(all);
    } catch (const Error& error) {
      const bool has_moved = dynamic_cast<const database::MovedError*>(&error) != nullptr;
      if (error.changed() == Changed::yes) {
        throw;
      }
      if (saved) {
        mark_unused(project, store, *saved);
      }
      if (!has_moved || attempt == k_attempts) {
        throw;
      }
      continue;
    }
    try {
      for (database::Restoration* const restoration : all) {
        restoration->close();
      }
    } catch (Error& error) {
      error.set_changed(Changed::yes);
      throw;
    }
    return saved;
  }
}

/// What a server could not take of its databases.
void add_left_out(const Staged& staged, std::vector<std::string>& missing) {
  for (const StagedDatabase& database : staged.databases) {
    if (database.restoration) {
      for (const std::string& what : database.restoration->left_out()) {
        missing.push_back(database.component->name + ": " + what);
      }
    }
  }
}

} // namespace

Restored execute(const project::Project& project, store::Store& store, Plan plan) {
  Plan::State& state = plan.state();
  Restored restored{.snapshot = *state.target.id,
                    .safety = std::nullopt,
                    .changes = {},
                    .config_left = state.config_left,
                    .versions = state.versions,
                    .missing = {}};
  const fs::FileLock lock = lock_project(project);
  JournalKeeper journal(project, store, state);
  if (state.request.destinations.empty()) {
    journal.require_as_planned();
  }
  const fs::Descriptor root = fs::open_directory(project.root());
  GitSwap::sweep(project);
  if (state.changes.empty()) {
    if (state.request.destinations.empty()) {
      tidy(project, root, state);
      journal.finish();
    }
    restored.missing = std::move(state.missing);
    return restored;
  }
  plan.require_permission();
  if (!state.recovery && state.request.destinations.empty()) {
    sweep_root(project, root); // it was killed before it changed anything: room for this one
  }
  Staging staging(project.root(), root);
  HostTimes times(root, state);
  const Staged staged = stage(project, store, root, staging, state);
  if (state.request.destinations.empty()) {
    GitSwap git(project, store, state);
    restored.safety =
        save_and_swap(project, store, root, state, staged, staging, git, times, journal);
    try {
      journal.finish();
    } catch (Error& error) {
      error.set_changed(Changed::yes);
      error.set_hint("everything is in place; 'savepoint recover --continue' brings it to its end");
      throw;
    }
    staging.sweep_older();
    restored.before_recovery = state.recovery ? restored.safety : std::nullopt;
    if (state.recovery && state.recovery->direction == Direction::forward) {
      restored.safety = state.recovery->journal.safety; // what `undo` goes back to
    }
  } else {
    restored.safety = swap_elsewhere(project, store, state, staged);
  }
  add_left_out(staged, restored.missing);
  restored.changes = std::move(state.changes);
  restored.git_changes = std::move(state.git_changes);
  std::ranges::move(state.missing, std::back_inserter(restored.missing));
  return restored;
}

} // namespace savepoint::restore
