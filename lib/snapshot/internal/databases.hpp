#pragma once

#include "database/driver.hpp"
#include "manifest/manifest.hpp"
#include "project/project.hpp"
#include "project/scan.hpp"
#include "snapshot/snapshot.hpp"
#include "store/store.hpp"

#include <map>
#include <string>
#include <vector>

namespace savepoint::snapshot {

/// What the last captures knew of the databases: cache/<worktree>.databases.json. A cache: without
/// it, databases are captured again.
struct KnownDatabase {
  std::string fingerprint;
  std::string snapshot; ///< The one whose manifest describes it.
};
using KnownDatabases = std::map<std::string, KnownDatabase>;

/// The databases of a project: those the config names, then those the scan found.
[[nodiscard]] std::vector<database::Target> targets(const project::Project& project,
                                                    const project::Scan& scan);

/// Everything about databases in one capture.
struct CapturedDatabases {
  std::vector<manifest::DatabaseComponent> components;
  std::vector<manifest::LeftOut> left_out;
  std::vector<std::string> not_databases; ///< Paths that only look like databases.
  KnownDatabases fingerprints;            ///< Their `snapshot` is empty where newly captured.
};

/// Captures every selected target that has changed; of the others the description is taken over.
[[nodiscard]] CapturedDatabases capture_databases(const project::Project& project,
                                                  store::Store& store, store::ChunkSink& sink,
                                                  const std::vector<database::Target>& targets,
                                                  const Request& request);

/// Keeps the fingerprints for the next time; those newly captured are described by `snapshot`.
void remember_databases(const project::Project& project, const store::Store& store,
                        KnownDatabases fingerprints, const SnapshotId& snapshot);

} // namespace savepoint::snapshot
