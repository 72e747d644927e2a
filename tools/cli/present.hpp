#pragma once

#include "compare/compare.hpp"
#include "manifest/manifest.hpp"
#include "project/project.hpp"
#include "store/store.hpp"

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

/// Looks at the project without writing anything.
[[nodiscard]] SinceThen compare_with_present(const project::Project& project, store::Store& store,
                                             const manifest::Manifest& before, Servers servers);

} // namespace savepoint::cli
