#pragma once

#include "database/driver.hpp"
#include "manifest/manifest.hpp"
#include "project/project.hpp"
#include "restore/internal/plan_state.hpp"
#include "restore/internal/stage.hpp"
#include "store/store.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::restore {

/// Databases that a driver puts in place.
using StagedList = std::vector<const StagedDatabase*>;

[[nodiscard]] StagedList to_be_swapped(const Staged& staged);

/// Whether a server has something that neither the last snapshots nor `manifest` know.
[[nodiscard]] bool is_unread(const Plan::State& plan, const manifest::Manifest& manifest,
                             const std::string& name);

/// Holds databases that are going to be swapped, so that nobody commits to them until then, and
/// reads what is in them. What it is made with must outlive it.
class Holder {
public:
  Holder(const project::Project& project, const store::Store& store, store::Batch& batch,
         const Plan::State& plan);

  /// Holds the databases of `list` and reads what is in them now; those in which there is nothing
  /// to be read are missing. `manifest` says what was read already.
  ///
  /// Throws BusyError if others kept one locked for too long.
  [[nodiscard]] std::vector<manifest::DatabaseComponent> hold(const StagedList& list,
                                                              const manifest::Manifest& manifest);
  /// Holds a database that is not the project's, and reads what is in it now.
  [[nodiscard]] manifest::DatabaseComponent hold_elsewhere(const StagedDatabase& database);
  /// Before files of the project are read: to open and close a file ends all locks that we have on
  /// it.
  void let_go(const StagedList& list);

private:
  [[nodiscard]] std::unique_ptr<database::Capture> open_capture(const std::string& name) const;
  [[nodiscard]] manifest::DatabaseComponent read(database::Capture& capture,
                                                 const manifest::DatabaseComponent& target);

  const project::Project* project_;
  const store::Store* store_;
  const Plan::State* plan_;
  fs::Descriptor root_;
  std::unique_ptr<store::ChunkSink> sink_;
};

} // namespace savepoint::restore
