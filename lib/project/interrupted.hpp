#pragma once

#include "project/project.hpp"
#include "store/journal.hpp"
#include "store/store.hpp"

#include <optional>

namespace savepoint::project {

/// The journal of a restore that began to change the project and did not come to its end: it was
/// killed, or could not put back everything when it failed. The project is between two states, and
/// a recovery is due. Nothing while a restore is at work.
///
/// Throws CorruptionError if the journal is damaged.
[[nodiscard]] std::optional<store::Journal> find_interrupted(const Project& project,
                                                             const store::Store& store);

} // namespace savepoint::project
