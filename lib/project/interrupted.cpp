#include "project/interrupted.hpp"

#include "fs/files.hpp"
#include "fs/lock.hpp"

#include <chrono>

namespace savepoint::project {
namespace {

/// Whether a restore is at work in the project: it holds a lock on its directory.
bool is_at_work(const Project& project) {
  return !fs::FileLock::acquire(fs::open_directory(project.root()), fs::FileLock::Mode::shared,
                                std::chrono::milliseconds(0));
}

} // namespace

std::optional<store::Journal> find_interrupted(const Project& project, const store::Store& store) {
  const manifest::ProjectIdentity identity = project.identity();
  if (!store::find_journal(store, identity) || is_at_work(project)) {
    return std::nullopt;
  }
  return store::find_journal(store, identity); // it may have ended between the two looks
}

} // namespace savepoint::project
