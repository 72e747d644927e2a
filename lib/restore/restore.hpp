#pragma once

#include "base/snapshot_id.hpp"
#include "database/address.hpp"
#include "database/driver.hpp"
#include "manifest/manifest.hpp"
#include "manifest/safety.hpp"
#include "project/project.hpp"
#include "project/selection.hpp"
#include "store/store.hpp"
#include "store/tree_diff.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::restore {

/// A database that goes elsewhere than where the project has it.
struct Destination {
  std::string name; ///< As the snapshot calls it, or the last part of that.
  database::Address address;
};

struct Request {
  project::Selection only;
  std::vector<std::string> paths; ///< Below the root; empty: all.
  bool with_config = false;
  bool git = false;        ///< Also branch, HEAD, index and operation in progress.
  bool keep_extra = false; ///< Files that the snapshot does not have stay.
  bool partial = false;    ///< Give what can be given, name what cannot.
  bool is_undo = false;    ///< Databases that the undone restore left alone may be unknown by now.
  std::string trigger{manifest::k_safety_trigger}; ///< Of the safety snapshot.
  /// Not empty: only these databases are restored, there. What the project has stays as it is.
  std::vector<Destination> destinations;
  /// Databases on servers that are known to be there, whatever the project says of them by now.
  std::vector<database::Target> known_servers;
  std::vector<std::string> tables;    ///< Not empty: only these, of the one database asked for.
  bool create_database = false;       ///< A database that is not there is made.
  bool disconnect = false;            ///< Sessions of others in a database are ended.
  std::vector<std::string> confirmed; ///< Guarded databases that may be overwritten, by name.
};

/// What a restore will do to one path or database.
struct PlannedChange {
  enum class Action : std::uint8_t { create, replace, remove, metadata, database, git };
  Action action = Action::replace;
  std::string path; ///< Of a database: its name. Of git: "branch main", "HEAD", "index" …
  std::uint64_t bytes = 0;
  std::string into = {};   ///< Of a database on a server: where, without password. Of git: what.
  bool is_compared = true; ///< False: what is there now was not read, and may be the same.
};
[[nodiscard]] std::string_view name_of(PlannedChange::Action action);

/// What a restore with Request::git does in one repository.
struct GitChange {
  struct Commit {
    std::string id, subject;
  };
  /// Commits that a branch or a detached HEAD leaves behind.
  struct Left {
    std::vector<Commit> since; ///< The newest first; at most 20 are named.
    std::uint64_t count = 0;
    std::string kept_as; ///< What git calls the newest of them.
  };
  /// A branch that is somewhere else afterwards.
  struct Move {
    std::string branch;
    std::optional<std::string> from; ///< Missing: it is made.
    std::optional<std::string> to;   ///< Missing: it goes.
    Left left;
  };
  std::string path; ///< Of the submodule; empty: the project's own repository.
  std::optional<std::string> branch_before, branch_after; ///< Of HEAD; missing: detached.
  std::optional<std::string> commit_before, commit_after; ///< Of HEAD; missing: none yet.
  bool head_changes = false;
  bool head_is_broken = false; ///< As it was when the snapshot was taken.
  Left left_by_head;           ///< If HEAD is detached now.
  std::vector<Move> moves;     ///< Every branch that moves, that of HEAD first.
  bool index_changes = false;
  bool operation_changes = false;
  std::string operation_before, operation_after; ///< As in manifest::GitState.
  struct File {
    std::string name; ///< Below the git directory.
    bool is_there_before = false, is_there_after = false;
  };
  /// What else changes in the git directory, such as ORIG_HEAD.
  std::vector<File> files;

  /// The move of a branch; null if it stays.
  [[nodiscard]] const Move* move_of(const std::string& branch) const;
};

/// The exact list of changes. `--dry-run` prints it; the real run executes this same object.
class Plan {
public:
  ~Plan();
  Plan(Plan&&) noexcept;
  Plan& operator=(Plan&&) noexcept;

  [[nodiscard]] const std::vector<PlannedChange>& changes() const;
  /// What --git does, where it does anything.
  [[nodiscard]] const std::vector<GitChange>& git_changes() const;
  /// Config files that differ and are left, because `with_config` was not asked for.
  [[nodiscard]] const std::vector<std::string>& config_left() const;
  /// Labelled versions that differ: label, snapshot's, today's.
  struct VersionDifference {
    std::string label, then, now;
  };
  [[nodiscard]] const std::vector<VersionDifference>& versions() const;
  [[nodiscard]] const manifest::Manifest& target() const;
  /// What of it cannot be given.
  [[nodiscard]] const std::vector<std::string>& missing() const;

  /// A database that is not overwritten just because somebody said yes.
  struct Guarded {
    enum class Refusal { unless_confirmed, always };
    std::string database; ///< As the snapshot calls it.
    std::string name;     ///< What has to be confirmed: its name on its server.
    std::string where;    ///< Without password.
    std::string reason;   ///< For people: why.
    Refusal refusal = Refusal::unless_confirmed;
  };
  [[nodiscard]] const std::vector<Guarded>& guarded() const;
  /// Says that a person named this database.
  void confirm(std::string name);
  /// The first guarded database that may not be overwritten, null if there is none. Where a name
  /// would do, those that were confirmed do not count.
  [[nodiscard]] const Guarded* refused() const;
  /// Throws RefusedError if there is one.
  void require_permission() const;

  struct State;
  explicit Plan(std::unique_ptr<State> state);
  [[nodiscard]] State& state() const { return *state_; }

private:
  std::unique_ptr<State> state_;
};

/// Compares the project with `target`. Changes nothing.
///
/// Throws RefusedError if a restore was interrupted (restore/recover.hpp) and this one would leave
/// something of it; else this one takes its place.
[[nodiscard]] Plan make_plan(const project::Project& project, store::Store& store,
                             const manifest::Manifest& target, const Request& request);

struct Restored {
  SnapshotId snapshot;
  std::optional<SnapshotId> safety; ///< Missing if there was nothing to do.
  /// Of a recovery: what it found, with whatever was changed between the crash and now.
  std::optional<SnapshotId> before_recovery = std::nullopt;
  std::vector<PlannedChange> changes;
  std::vector<GitChange> git_changes = {};
  std::vector<std::string> config_left;
  std::vector<Plan::VersionDifference> versions;
  std::vector<std::string> missing; ///< With `partial`: what could not be given.
};

/// Executes a plan: stages and checks everything, takes the safety snapshot, then renames into
/// place and swaps databases. Until then nothing is changed; if a step fails, those before it are
/// taken back.
///
/// Throws RefusedError if a guarded database was not confirmed, CorruptionError if something it
/// needs is damaged, BusyError if a database stayed locked
/// or the project changed meanwhile; the message says whether anything was changed.
/// A database that goes elsewhere is put in place alone. What was in it, if a server keeps it, is
/// in a snapshot of its own: as `elsewhere/NAME`, which `undo` does not restore.
Restored execute(const project::Project& project, store::Store& store, Plan plan);

/// Hears of one file or database after the other: all of them at once would take more memory than
/// the restore itself.
using ChangeVisitor = std::function<void(PlannedChange&&)>;

/// Restores into a directory that does not exist or is empty. Until it is complete everything lies
/// under a temporary name beside it. `made` hears of what is in it then; `changes` stays empty.
Restored restore_to(store::Store& store, const manifest::Manifest& target,
                    const std::filesystem::path& directory, const Request& request,
                    const project::Context& context, const ChangeVisitor& made = nullptr);

/// Has `made` hear of what `restore_to` would make. Returns, sorted, what it could not give, as far
/// as directories tell: contents are not read.
///
/// Throws as `restore_to` does.
[[nodiscard]] std::vector<std::string> preview_to(const store::Store& store,
                                                  const manifest::Manifest& target,
                                                  const Request& request,
                                                  const ChangeVisitor& made);

/// The state before the last restore of this work tree: the safety snapshot that it took.
///
/// Throws NotFoundError if there was no restore, RefusedError if the last one went into a database
/// that is not the project's.
[[nodiscard]] SnapshotId find_undo(const project::Project& project, const store::Store& store);

/// Whether `target` was restored in this work tree, and stayed, after the snapshot `since` was
/// taken.
[[nodiscard]] bool was_restored(const project::Project& project, const store::Store& store,
                                const SnapshotId& target, const SnapshotId& since);

/// Plans to go back to the state before the last restore, configuration included, or to the one
/// before an interrupted restore. Of a restore that was about databases alone nothing else goes
/// back. Of `granted` only `confirmed`, `create_database` and `disconnect` count.
///
/// Throws NotFoundError if there was no restore.
[[nodiscard]] Plan make_undo(const project::Project& project, store::Store& store,
                             const Request& granted = {});

/// Writes a snapshot as a plain tree: codebase/ databases/ environment/.env.keys manifest.json.
/// Secrets are left out: of config files only the keys are written.
void export_to(const store::Store& store, const manifest::Manifest& target,
               const std::filesystem::path& directory, const project::Context& context);

} // namespace savepoint::restore
