#include "restore/recover.hpp"

#include "fs/files.hpp"
#include "fs/lock.hpp"
#include "project/interrupted.hpp"
#include "restore/internal/git_swap.hpp"
#include "restore/internal/journal.hpp"
#include "restore/internal/make_plan.hpp"
#include "restore/internal/staging.hpp"

#include <chrono>
#include <utility>

namespace savepoint::restore {
Plan make_recovery(const project::Project& project, store::Store& store, Direction direction,
                   const Request& granted) {
  std::optional<store::Journal> journal = project::find_interrupted(project, store);
  if (!journal) {
    throw_nothing_due();
  }
  Request request = request_of(*journal);
  request.confirmed.insert(request.confirmed.end(), granted.confirmed.begin(),
                           granted.confirmed.end());
  request.disconnect = request.disconnect || granted.disconnect;
  request.create_database = request.create_database || granted.create_database;
  if (direction == Direction::back) {
    request.keep_extra = false; // what the restore brought goes
    request.partial = false;    // what cannot be put back now leaves the recovery due
    // What is a config file now may have been code in the snapshot, and was overwritten as such.
    request.only.config = request.only.config || request.only.code;
    request.with_config = request.with_config || request.only.code;
  }
  const SnapshotId target = direction == Direction::back ? journal->safety : journal->target;
  return make_plan(project, store, store.load(target), std::move(request),
                   Recovery{direction, std::move(*journal)});
}

void sweep_leftovers(const project::Project& project) {
  const fs::Descriptor root = fs::open_directory(project.root());
  const auto lock =
      fs::FileLock::acquire(fs::open_directory(project.root()), fs::FileLock::Mode::exclusive,
                            std::chrono::milliseconds(0));
  if (lock) {
    Staging::sweep(project.root(), root);
    GitSwap::sweep(project);
  }
}

} // namespace savepoint::restore
