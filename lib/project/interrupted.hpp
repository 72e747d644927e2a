#pragma once

#include "project/project.hpp"
#include "store/journal.hpp"
#include "store/store.hpp"

#include <chrono>
#include <filesystem>
#include <optional>

namespace savepoint::project {

/// Which work tree of which project it is, for its journal.
[[nodiscard]] store::WorkTree work_tree(const Project& project);

/// The journal of a restore that began to change the project and did not come to its end: it was
/// killed, or could not put back everything when it failed. The project is between two states, and
/// a recovery is due. Nothing while a restore is at work, for whose end it waits for so long.
///
/// Throws CorruptionError if the journal is damaged.
[[nodiscard]] std::optional<store::Journal>
find_interrupted(const Project& project, const store::Store& store,
                 std::chrono::milliseconds wait = std::chrono::milliseconds(0));

/// A recovery that is due, and the store that has its journal.
struct Due {
  store::Journal journal;
  std::filesystem::path store;
};

/// The same in whichever store: in `store` or in that of the last restore, if it was another one
/// (project/last_store.hpp).
[[nodiscard]] std::optional<Due>
find_due(const Project& project, const std::filesystem::path& store,
         std::chrono::milliseconds wait = std::chrono::milliseconds(0));

/// Refuses what cannot be done while that recovery is due.
[[noreturn]] void refuse_while_due(const store::Journal& interrupted);

} // namespace savepoint::project
