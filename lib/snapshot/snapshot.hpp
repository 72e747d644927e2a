#pragma once

#include "manifest/manifest.hpp"
#include "project/project.hpp"
#include "project/scan.hpp"
#include "project/selection.hpp"
#include "store/store.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace savepoint::snapshot {

struct Request {
  std::string note;
  std::vector<std::string> tags;
  bool pinned = false;
  project::Selection only;
  std::string trigger = "manual";
  bool if_changed = false; ///< Do nothing if the newest snapshot of this work tree says the same.
  bool require_database = false; ///< A database that cannot be captured fails the whole.
  std::chrono::milliseconds database_wait = std::chrono::seconds(10);
};

struct Taken {
  manifest::Manifest manifest; ///< Of the new snapshot, or of the one that already says the same.
  bool created = false;
  std::chrono::milliseconds duration{0};
};

/// Takes a snapshot of `project` into `store`. When it returns with `created`, all of it is on
/// disk. Before the manifest's rename nothing of it is visible; leftovers are swept by prune.
///
/// Throws errors of the store, and DatabaseError or BusyError with `require_database`. What is
/// wrong with single files and databases is in the manifest's `left_out`.
[[nodiscard]] Taken take(const project::Project& project, store::Store& store,
                         const Request& request);

/// The present state of a project as a manifest that was never sealed, and the chunks it needs.
/// `diff`, `status` and restore compare with it.
struct Present {
  manifest::Manifest manifest;
  project::Scan scan;
};
/// Captures the present state into whatever `make_sink` leads to: a Batch to keep it, a DryBatch to
/// look only. `databases` false leaves databases uncaptured. What `take` itself is made of.
[[nodiscard]] Present capture(const project::Project& project, store::Store& store,
                              const std::function<std::unique_ptr<store::ChunkSink>()>& make_sink,
                              const store::ChunkSource& source, const Request& request);

} // namespace savepoint::snapshot
