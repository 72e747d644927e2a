#pragma once

#include "restore/restore.hpp"
#include "support/catch.hpp"
#include "support/scratch_project.hpp"

#include <algorithm>
#include <string>
#include <vector>

// Shared by tests that restore: everything is inline.
namespace savepoint::test {

/// Plans and executes.
inline restore::Restored put_back(ScratchProject& project, const manifest::Manifest& target,
                                  const restore::Request& request = {}) {
  const project::Project opened = project.project();
  return restore::execute(opened, project.store(),
                          restore::make_plan(opened, project.store(), target, request));
}

/// As `savepoint undo`.
inline restore::Restored undo(ScratchProject& project) {
  const project::Project opened = project.project();
  return restore::execute(opened, project.store(), restore::make_undo(opened, project.store()));
}

/// "create a/b" for every change of a plan or a restore.
inline std::vector<std::string> listed(const std::vector<restore::PlannedChange>& changes) {
  std::vector<std::string> lines;
  for (const restore::PlannedChange& change : changes) {
    lines.push_back(std::string(restore::name_of(change.action)) + " " + change.path);
  }
  return lines;
}

inline std::vector<std::string> planned(ScratchProject& project, const manifest::Manifest& target,
                                        const restore::Request& request = {}) {
  const project::Project opened = project.project();
  return listed(restore::make_plan(opened, project.store(), target, request).changes());
}

/// Whether a file can be made so that not even root may change it: the one obstacle that stops a
/// swap at a chosen path. Says so where it cannot.
inline bool can_obstruct(const ScratchProject& project) {
  project.write("probe", "");
  const bool can =
      project.sh("chattr +i probe && chattr -i probe && echo yes || true").ends_with("yes\n");
  project.sh("rm probe");
  if (!can) {
    WARN("skipped: only root, and on a file system that knows it, can make a file immutable");
  }
  return can;
}

/// Whether anything of ours is left in the project.
inline bool has_leftovers(const ScratchProject& project) {
  return !project.sh("find . -name '.savepoint-*' | head").empty();
}

} // namespace savepoint::test
