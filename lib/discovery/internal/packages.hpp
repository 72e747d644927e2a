#pragma once

#include "config/dotenv.hpp"
#include "discovery/internal/project_files.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace savepoint::discovery {

/// One part of a project that has settings of its own: its root, or a package of its workspace.
struct Package {
  std::string directory;                                     ///< Below the root; "" is the root.
  config::DotenvDialect dialect = config::DotenvDialect::go; ///< How its `.env` files are read.
  bool loads_as_vite = false;                      ///< `.env.development` before `.env.local`.
  std::string mode = "development";                ///< Which of its `.env.*` files count.
  std::set<std::string, std::less<>> dependencies; ///< Of its package.json.
  std::string prisma_schema;                       ///< Where package.json says its schema is.
  std::string likely_driver;                       ///< What its dependencies say, if they agree.

  [[nodiscard]] bool depends_on(std::string_view name) const { return dependencies.contains(name); }
};

/// What the files in `directory` say of the package there.
[[nodiscard]] Package read_package(ProjectFiles& files, const std::string& directory,
                                   const std::map<std::string, std::string>& environment);

/// The root, the packages of npm, pnpm and yarn workspaces, `apps/*`, `packages/*`, `services/*`,
/// and directories with usual names such as `backend`.
[[nodiscard]] std::vector<Package>
find_packages(ProjectFiles& files, const std::map<std::string, std::string>& environment);

} // namespace savepoint::discovery
