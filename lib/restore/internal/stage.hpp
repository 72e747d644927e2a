#pragma once

#include "database/driver.hpp"
#include "project/project.hpp"
#include "restore/internal/plan_state.hpp"
#include "restore/internal/staging.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::restore {

/// A database that waits for the swap.
struct StagedDatabase {
  const manifest::DatabaseComponent* component = nullptr;
  /// Set where the driver puts it in place; missing where it is a file to be renamed.
  std::unique_ptr<database::Restoration> restoration;
  std::optional<StagedName> file;
};

/// All that a swap needs.
struct Staged {
  /// By path. The names are those of the plan, which must outlive it.
  std::map<std::string_view, StagedName, PathOrder> files;
  /// For every directory out of which a file goes, the staging place it can go to.
  std::map<std::string, std::size_t, PathOrder> places;
  std::vector<StagedDatabase> databases;
};

/// Makes everything that the plan needs beside its destination, checked and on disk. With
/// `partial`, what cannot be had goes from the plan into its `missing`.
///
/// Before: a plan. After: the project is as it was, and nothing more has to be read to change it.
/// If it dies here: a directory of ours is left, which the next restore removes.
[[nodiscard]] Staged stage(const project::Project& project, const store::Store& store,
                           const fs::Descriptor& root, Staging& staging, Plan::State& plan);

} // namespace savepoint::restore
