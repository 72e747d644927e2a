#pragma once

#include "fs/descriptor.hpp"
#include "manifest/manifest.hpp"
#include "restore/internal/plan_state.hpp"
#include "store/store.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::restore {

/// What earlier restores brought that a plan ends: those after the safety snapshot that it restores
/// and, if it takes the place of an interrupted one, that. What they brought goes, whatever today's
/// rules would spare.
class Brought {
public:
  /// `plan` must outlive it.
  Brought(const store::Store& store, const Plan::State& plan);

  /// What is in no snapshot of today because it is ignored, and still is as a restore put it there.
  /// Requires that the plan knows what is present. What cannot be read any more is not in it.
  [[nodiscard]] std::vector<std::string> ignored_files(const store::ChunkSource& trees,
                                                       const fs::Descriptor& root) const;
  [[nodiscard]] bool has_file(const store::ChunkSource& trees, std::string_view path) const;
  [[nodiscard]] std::vector<manifest::DatabaseComponent> databases() const;

private:
  [[nodiscard]] const manifest::Manifest& before() const;

  const Plan::State* plan_;
  std::vector<manifest::Manifest> restored_;
  std::optional<manifest::Manifest> before_; ///< What was there before an interrupted one.
};

/// Says in the marks of the safety snapshot of an interrupted restore that another one of `target`
/// takes its place: undo goes back to before both.
void mark_taken_over(store::Store& store, const SnapshotId& safety, const SnapshotId& target);

} // namespace savepoint::restore
