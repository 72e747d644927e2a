#include "project/interrupted.hpp"

#include "fs/files.hpp"
#include "fs/lock.hpp"
#include "fs/status.hpp"

#include <chrono>

namespace savepoint::project {
namespace {

/// Whether a restore is at work in the project: it holds a lock on its directory.
bool is_at_work(const Project& project, std::chrono::milliseconds wait) {
  return !fs::FileLock::acquire(fs::open_directory(project.root()), fs::FileLock::Mode::shared,
                                wait);
}

} // namespace

store::WorkTree work_tree(const Project& project) {
  return {.project = project.identity(),
          .root_inode = fs::status_of(fs::open_directory(project.root())).inode};
}

std::optional<store::Journal> find_interrupted(const Project& project, const store::Store& store,
                                               std::chrono::milliseconds wait) {
  const store::WorkTree tree = work_tree(project);
  if (!store::find_journal(store, tree) || is_at_work(project, wait)) {
    return std::nullopt;
  }
  return store::find_journal(store, tree); // it may have ended between the two looks
}

} // namespace savepoint::project
