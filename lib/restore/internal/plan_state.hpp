#pragma once

#include "manifest/manifest.hpp"
#include "project/scan.hpp"
#include "restore/internal/database_plan.hpp"
#include "restore/internal/git_target.hpp"
#include "restore/internal/paths.hpp"
#include "restore/recover.hpp"
#include "restore/restore.hpp"
#include "store/journal.hpp"
#include "store/store.hpp"
#include "store/tree.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace savepoint::restore {

/// What is often missing, and takes no room then: a plan may have very many paths.
using Entry = std::unique_ptr<store::TreeEntry>;

/// One path of the project that will be another after the restore.
struct PathChange {
  Entry before; ///< As it is now, without its name; null if it is to be made.
  Entry after;  ///< As it shall be, without its name; null if it is to be removed.
  /// Of directories: their own mode, time and attributes (entries left empty).
  std::unique_ptr<store::Tree> directory_before = nullptr;
  std::unique_ptr<store::Tree> directory_after = nullptr;
  /// The path whose file this one is another name of, if it is not the first of its group.
  std::unique_ptr<std::string> same_as = nullptr;
  /// Needs a file of its own although the content is there: it shares one with the wrong names, or
  /// with somebody else, who alone can change mode and time.
  bool is_made_anew = false;
};

[[nodiscard]] Entry to_entry(const std::optional<store::TreeEntry>& entry);

using PathChanges = std::map<std::string, PathChange, PathOrder>;

[[nodiscard]] bool is_directory(const Entry& entry);
[[nodiscard]] bool is_directory(const std::optional<store::TreeEntry>& entry);
/// Whether there is something and it is not a directory.
[[nodiscard]] bool is_file(const Entry& entry);
/// Whether both are files of the same kind with the same bytes or target.
[[nodiscard]] bool holds_the_same(const store::TreeEntry& a, const store::TreeEntry& b);
/// Whether a new file must be made beside the old one. Mode and time of a file change in place.
[[nodiscard]] bool needs_staging(const PathChange& change);
/// Whether nothing but the time of a directory differs, which is put right without being counted.
[[nodiscard]] bool is_silent(const PathChange& change);

/// That a plan brings an interrupted restore to its end.
struct Recovery {
  Direction direction;
  store::Journal journal;
  bool is_taken_over = false; ///< Another snapshot takes the place of the journal's target.
};

struct Plan::State {
  Request request;
  manifest::Manifest target;
  manifest::Manifest present;                         ///< As captured for this plan.
  std::unique_ptr<store::DryBatch> present_chunks;    ///< What `present` refers to.
  std::vector<project::FoundDatabase> database_files; ///< That are in the project now.
  /// Files that earlier restores brought, which go, and which git ignores today: captured with the
  /// code all the same.
  std::vector<std::string> ignored_files;
  PathChanges paths;
  /// Of `paths`: directories that were not asked for, and are made because something in them was.
  std::vector<std::string> ancestors;
  std::vector<manifest::DatabaseComponent> databases; ///< To be restored, as the target has them.
  /// Asked for, and as the target has them already: they are not restored.
  std::vector<manifest::DatabaseComponent> unchanged_databases;
  DatabasePlans database_plans;                     ///< Of `databases`.
  std::vector<manifest::DatabaseComponent> leaving; ///< Whose files are in `paths` to go.
  std::vector<GitTarget> git;                       ///< The repositories whose state is put back.
  std::vector<GitChange> git_changes;               ///< One for each of `git`.
  std::vector<GitTarget> git_unchanged;             ///< Those with --git where nothing differs.
  std::vector<Guarded> guarded;
  std::vector<PlannedChange> changes;
  std::vector<std::string> config_left;
  std::vector<VersionDifference> versions;
  std::vector<std::string> missing; ///< With `partial`: what cannot be read or put in place.
  std::optional<Recovery> recovery;
};

} // namespace savepoint::restore
