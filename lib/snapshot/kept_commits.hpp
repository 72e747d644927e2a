#pragma once

#include "base/snapshot_id.hpp"
#include "manifest/manifest.hpp"
#include "manifest/summary.hpp"
#include "project/project.hpp"
#include "store/store.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace savepoint::snapshot {

/// Has git keep the commits that `manifest` needs (docs/git-state.md), durably, before it is
/// sealed. What cannot be kept is named in its `left_out`. Costs a look at one file for each that
/// is kept already.
void keep_commits(const project::Project& project, const store::Store& store,
                  manifest::Manifest& manifest);

/// What git calls a commit of the project that is kept: it can be named so wherever git takes a
/// revision.
[[nodiscard]] std::string kept_reference(const store::Store& store, const std::string& commit);

/// Lets go what no snapshot of the store needs any more, in the project's repository and its
/// submodules; returns how many objects. Requires a store opened exclusively: a snapshot in the
/// making has its commits kept before it is there.
std::size_t release_commits(const project::Project& project, const store::Store& store);

/// A commit that a snapshot needs, and that is gone.
struct MissingCommit {
  SnapshotId snapshot;
  std::string path; ///< Of the submodule; empty: the project's own repository.
  std::string commit;
};

/// Of the project's snapshots in `snapshots`, the commits that they need and that its repositories
/// have not. Submodules that are not checked out, and snapshots that are damaged, are passed over.
[[nodiscard]] std::vector<MissingCommit>
missing_commits(const project::Project& project, const store::Store& store,
                const std::vector<manifest::Summary>& snapshots);

} // namespace savepoint::snapshot
