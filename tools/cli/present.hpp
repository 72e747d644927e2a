#pragma once

#include "compare/compare.hpp"
#include "manifest/manifest.hpp"
#include "project/project.hpp"
#include "store/store.hpp"

#include <memory>
#include <string>
#include <vector>

namespace savepoint::cli {

/// What differs from a snapshot to the project as it is now.
struct SinceThen {
  compare::Difference difference;
  std::vector<manifest::LeftOut> left_out; ///< What could not be looked at, and so is not compared.
  std::vector<std::string> unread;         ///< Databases that may have changed and were not read.
};

/// Whether databases on servers are read to be compared, which may take long.
enum class Servers { read, only_asked };

/// The project as it is now, looked at without writing anything.
struct Present {
  manifest::Manifest manifest;
  std::vector<std::string> unread;        ///< As of `SinceThen`.
  std::unique_ptr<store::DryBatch> batch; ///< Has its trees, and contents that the store has too.
};

/// Looks at the project. `store` must outlive what is returned.
[[nodiscard]] Present look_at_present(const project::Project& project, store::Store& store,
                                      Servers servers);

/// What differs from `before` to what was looked at.
[[nodiscard]] SinceThen compare_with(const Present& present, const manifest::Manifest& before);

/// Both in one.
[[nodiscard]] SinceThen compare_with_present(const project::Project& project, store::Store& store,
                                             const manifest::Manifest& before, Servers servers);

} // namespace savepoint::cli
