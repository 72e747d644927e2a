#pragma once

#include "project/project.hpp"

#include <filesystem>
#include <optional>

namespace savepoint::project {

// A restore may change the settings that say where the store is, and may have been told another one
// than they say. So that its recovery and its undo are found all the same, the user's data
// directory has a record for each work tree: docs/formats/last-restore.md.

/// Records, durably, that the restore which now begins in the project is one of `store`. Does
/// nothing where that cannot be written: restores must work without a home.
void remember_store(const Project& project, const std::filesystem::path& store);

/// The store of the last restore of this work tree, if that is known.
[[nodiscard]] std::optional<std::filesystem::path> remembered_store(const Project& project);

} // namespace savepoint::project
