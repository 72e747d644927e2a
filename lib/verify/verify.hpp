#pragma once

#include "base/snapshot_id.hpp"
#include "database/driver.hpp"
#include "project/context.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace savepoint::verify {

struct Request {
  std::vector<SnapshotId> snapshots; ///< Empty: all.
  bool read_data = false;            ///< Read and hash every byte that is stored.
  bool rehearse = false;             ///< Load every database into scratch and check it there.
  /// Servers on which those that a server keeps are rehearsed, by the name of the database. What
  /// they have stays as it is.
  std::map<std::string, database::Target> servers = {};
};

/// One thing that is wrong.
struct Problem {
  std::string snapshot; ///< The affected snapshot's id; empty: none in particular.
  std::string path;     ///< The affected path or database in it; empty: all of it.
  std::string file;     ///< The damaged file of the store, if it is known.
  std::string what;
};

struct Report {
  std::vector<Problem> problems;
  std::uint64_t snapshots_checked = 0;
  std::uint64_t chunks_checked = 0;
  std::uint64_t bytes_read = 0;
  std::uint64_t databases_rehearsed = 0;
  /// Databases whose driver cannot rehearse, each once.
  std::vector<std::string> not_rehearsable = {};
  /// Damaged packs of which nothing that was checked needs what is damaged: it is stored elsewhere
  /// as well, or of no use any more. Prune removes them.
  std::vector<std::string> unneeded = {};
  [[nodiscard]] bool ok() const { return problems.empty(); }
};

/// Checks that snapshots are what was written. Collects every problem instead of stopping at the
/// first. If there are any, the next snapshots read all of their projects and store again what can
/// no longer be had.
[[nodiscard]] Report verify(const store::Store& store, const Request& request,
                            const project::Context& context);

} // namespace savepoint::verify
