#pragma once

#include "project/interrupted.hpp"
#include "restore/recover.hpp"
#include "support/catch.hpp"
#include "support/restoring.hpp"
#include "support/syscall_faults.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

// Shared by tests of recovery: everything is inline.
namespace savepoint::test {

/// Runs `work` in a process of its own, which is killed before the `at`th of its `calls`
/// (Fault::calls); whether it made as many.
template <typename Work>
[[nodiscard]] bool kills_at(ScratchProject& project, const std::vector<std::string>& calls,
                            std::uint64_t at, Work work) {
  project.close_store();
  const FaultOutcome outcome = run_with_fault(
      [&] {
        project.open_store();
        work();
      },
      {.effect = Fault::Effect::kill, .at = at, .calls = calls});
  project.open_store();
  return outcome.struck;
}

template <typename Work> void kill_at_rename(ScratchProject& project, std::uint64_t at, Work work) {
  REQUIRE(kills_at(project, {"rename"}, at, work));
}

inline bool is_due(ScratchProject& project) {
  return project::find_interrupted(project.project(), project.store()).has_value();
}

inline restore::Restored recover(ScratchProject& project, restore::Direction direction) {
  const project::Project opened = project.project();
  return restore::execute(opened, project.store(),
                          restore::make_recovery(opened, project.store(), direction));
}

} // namespace savepoint::test
