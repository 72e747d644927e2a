#pragma once

#include "fs/status.hpp"
#include "project/project.hpp"
#include "restore/internal/plan_state.hpp"
#include "restore/internal/stage.hpp"

#include <optional>
#include <string_view>
#include <unordered_map>

namespace savepoint::restore {

/// What the file system said of every path that is going to be replaced, removed or changed. The
/// names are those of the plan, which must outlive it.
using Sights = std::unordered_map<std::string_view, fs::FileStatus>;

/// Looks at every path of the plan.
///
/// Throws BusyError if one is not what the plan says it is.
[[nodiscard]] Sights look_at(const fs::Descriptor& root, const Plan::State& plan);

/// The safety snapshot, and what was seen of the files it holds.
struct Safety {
  manifest::Manifest manifest;
  Sights sights;
};

/// Takes the safety snapshot and makes sure that it holds all that will be overwritten. Files are
/// read first; then the databases of `staged` are held, so that nobody commits to them until they
/// are swapped, and what is in them now completes the snapshot. Where one of them turns out to be
/// none, files are read once more, and the others are held anew.
///
/// Before: everything is staged. After: there is a way back, and the project is as it was.
/// If it dies here: one snapshot more.
///
/// Throws BusyError if the project changed since the plan was made, RefusedError if something that
/// would be overwritten could not be saved.
[[nodiscard]] Safety make_safety(const project::Project& project, store::Store& store,
                                 const fs::Descriptor& root, const Plan::State& plan,
                                 const Staged& staged);

/// Takes a snapshot of what is now in databases of servers that are not the project's and are going
/// to be overwritten: held like those of a safety snapshot, called `elsewhere/NAME`, with their
/// place in `details.place`. Nothing if there is nothing in them.
[[nodiscard]] std::optional<SnapshotId> save_elsewhere(const project::Project& project,
                                                       store::Store& store, const Plan::State& plan,
                                                       const Staged& staged);

/// The tag of safety snapshots whose restore changed nothing: `undo` does not mean them. They are
/// sealed with it, so that a restore that is killed before it changes anything leaves it.
inline constexpr std::string_view k_unused_tag = "restore-failed";

/// The tag of safety snapshots whose restore changed the state of git: `undo` puts that back too.
inline constexpr std::string_view k_git_tag = "restore-git";

/// The tag of safety snapshots whose restore was about databases alone: so is `undo`.
inline constexpr std::string_view k_databases_tag = "restore-databases";

/// Takes the tag away, and puts the restore into the list of this work tree (store/restores.hpp):
/// it is about to change something.
void mark_used(const project::Project& project, store::Store& store, const SnapshotId& id);

/// Gives the tag back, and takes the restore out of the list: everything was put back.
void mark_unused(const project::Project& project, store::Store& store, const SnapshotId& id);

} // namespace savepoint::restore
