#pragma once

#include "base/snapshot_id.hpp"
#include "base/timestamp.hpp"
#include "git/repository.hpp"
#include "project/project.hpp"
#include "restore/restore.hpp"
#include "snapshot/snapshot.hpp"
#include "store/store.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace savepoint::hooks {

/// Whether the databases of a repository follow its branches (docs/follow.md): what git's
/// configuration says.
[[nodiscard]] bool follows(const git::Repository& repository);
/// The setting in git's configuration, a bool.
inline constexpr const char* k_follow_setting = "savepoint.hooks.follow";

/// Whose the databases of a work tree are: a branch's, or those of a detached HEAD.
struct Owner {
  std::optional<std::string> branch; ///< Its short name; missing: a detached HEAD.
  friend bool operator==(const Owner&, const Owner&) = default;
};
/// For people: "main", "a detached HEAD".
[[nodiscard]] std::string named(const Owner& owner);
/// Nothing if it is not noted.
[[nodiscard]] std::optional<Owner> owner_of_databases(const git::Repository& repository);

/// How databases are to follow.
struct FollowRequest {
  bool disconnect = false; ///< Sessions of others in a database are ended.
  bool dry_run = false;    ///< Nothing is kept or put back.
};

/// What became of the databases of a work tree that is on another branch than it was.
struct Followed {
  /// A database that stays as it is.
  struct Spared {
    std::string name;
    std::string reason;
  };
  Owner before;                         ///< Whose they were.
  Owner entered;                        ///< The branch that HEAD is on.
  bool is_settled = true;               ///< They belong to the branch that was entered.
  std::optional<SnapshotId> kept;       ///< What has them as they were.
  std::optional<SnapshotId> target;     ///< What was put back of the branch that was entered.
  std::optional<Timestamp> target_time; ///< When that was kept.
  std::optional<SnapshotId> safety;     ///< Missing if nothing differed.
  std::vector<restore::PlannedChange> changes; ///< Of the databases put back.
  std::vector<Spared> spared;
  std::string reason = {}; ///< Why they still belong to another branch, unless `is_settled`.
  std::string hint = {};
};

/// Does what a hook could not do, or was not asked to: keeps the databases as they are under the
/// branch whose they are, and puts back what is kept of the branch that HEAD is on. Nothing if they
/// are of this branch. What the hook of a checkout does is the same.
///
/// Throws RefusedError where databases do not follow, in the middle of a rebase and the like, while
/// a recovery is due, and if all that would be put back is guarded; BusyError and DatabaseError if
/// something could not be kept or is in use. Then they still belong to the branch whose they were.
[[nodiscard]] std::optional<Followed> follow(const project::Project& project, store::Store& store,
                                             const FollowRequest& request);

} // namespace savepoint::hooks
