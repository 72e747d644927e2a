#include "project/interrupted.hpp"

#include "base/error.hpp"
#include "fs/files.hpp"
#include "fs/lock.hpp"
#include "fs/status.hpp"
#include "project/last_store.hpp"

#include <chrono>
#include <utility>

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
  if (!store::find_journal(store.root(), tree) || is_at_work(project, wait)) {
    return std::nullopt;
  }
  return store::find_journal(store.root(), tree); // it may have ended between the two looks
}

std::optional<Due> find_due(const Project& project, const std::filesystem::path& store,
                            std::chrono::milliseconds wait) {
  const store::WorkTree tree = work_tree(project);
  const auto look = [&]() -> std::optional<Due> {
    if (auto journal = store::find_journal(store, tree)) {
      return Due{std::move(*journal), store};
    }
    const auto other = remembered_store(project);
    if (!other || *other == store) {
      return std::nullopt;
    }
    auto journal = store::find_journal(*other, tree);
    return journal ? std::optional(Due{std::move(*journal), *other}) : std::nullopt;
  };
  return look() && !is_at_work(project, wait) ? look() : std::nullopt;
}

void refuse_while_due(const store::Journal& interrupted) {
  throw RefusedError("a restore of " + interrupted.target.text() +
                         " was interrupted, and the project is between two states",
                     "'savepoint recover --continue' finishes it, 'savepoint recover --rollback' "
                     "goes back to what was before");
}

} // namespace savepoint::project
