#pragma once

#include "base/error.hpp"
#include "base/export.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The public API: what the executables do, a program can do.
///
///   savepoint::Project project("path/to/project");
///   const savepoint::SnapshotResult saved = project.snapshot({.note = "before the migration"});
///   migrate();
///   project.restore(saved.id);   // and project.undo() takes that back
///
/// Everything throws `savepoint::Error` (base/error.hpp) where it cannot do what it promises.
/// Nothing here prints, asks, or changes the process. One thread at a time may use a `Project`.
namespace savepoint {

/// The variables of this process. The library looks at no others than those it is given.
[[nodiscard]] SAVEPOINT_EXPORT std::map<std::string, std::string> process_environment();

/// The version of the library: "0.1.0".
[[nodiscard]] SAVEPOINT_EXPORT std::string_view library_version();

/// How a project is opened.
struct OpenOptions {
  std::map<std::string, std::string> environment = process_environment();
  /// Where its snapshots are; missing: as the environment and the settings say.
  std::optional<std::filesystem::path> store = std::nullopt;
};

/// How a snapshot is taken.
struct SnapshotOptions {
  std::string note = {};
  std::vector<std::string> tags = {};
  bool pinned = false;
  std::string only = {}; ///< As --only: "code,config,database:NAME"; empty: everything.
  std::string trigger = "api";
  bool if_changed = false;       ///< Take none if the newest one says the same.
  bool require_database = false; ///< Fail if a database of the project is not captured.
};

/// Something of the project that is not in a snapshot.
struct SkippedItem {
  std::string path;
  std::string reason;
  bool is_error = false; ///< It would be wanted: the snapshot has a gap.
};

struct SnapshotResult {
  std::string id;
  bool created = false; ///< False: with `if_changed`, nothing had changed since `id`.
  std::uint64_t files = 0;
  std::uint64_t databases = 0;
  std::uint64_t bytes = 0;
  std::uint64_t bytes_added = 0; ///< To the store.
  std::vector<SkippedItem> skipped;
  std::chrono::milliseconds duration{0};
};

/// A snapshot in a list.
struct SnapshotEntry {
  std::string id;
  std::chrono::sys_time<std::chrono::nanoseconds> created_at;
  std::string trigger;
  std::string note;
  std::vector<std::string> tags;
  bool pinned = false;
  bool complete = true; ///< False: something that would be wanted was left out.
  bool dirty = false;   ///< git status was not clean.
  std::optional<std::string> branch;
  std::optional<std::string> commit;
  std::vector<std::string> databases;
  std::uint64_t bytes = 0;
};

/// How a snapshot is restored.
struct RestoreOptions {
  std::optional<std::filesystem::path> to = std::nullopt; ///< Missing: in place.
  std::string only = {};                                  ///< As --only; empty: everything.
  std::vector<std::string> paths = {};                    ///< Below the root; empty: all.
  bool with_config = false; ///< Also files that git ignores, such as .env.
  bool keep_extra = false;  ///< Files that the snapshot does not have stay.
  bool partial = false;     ///< Give what can be given, name what cannot.
  bool dry_run = false;     ///< Say what would be done. In place only.
};

/// Which way an interrupted restore is brought to its end.
enum class Recovery {
  finish,    ///< To the snapshot that was being restored.
  roll_back, ///< To what was before.
};

struct RestoreChange {
  std::string action; ///< "create", "replace", "remove", "metadata", "database".
  std::string path;   ///< Of a database: its name.
  std::uint64_t bytes = 0;
};

struct RestoreResult {
  std::string snapshot;
  std::optional<std::string> safety_snapshot; ///< What `undo` goes back to, if anything was done.
  std::vector<RestoreChange> changes;
  std::vector<std::string> config_left; ///< Differs and was left, without `with_config`.
  std::vector<std::string> missing;     ///< With `partial`: what could not be given.
};

/// How snapshots are verified.
struct VerifyOptions {
  std::vector<std::string> snapshots = {}; ///< Selectors; empty: all of the store.
  bool read_data = false;                  ///< Read and hash every stored byte.
  bool rehearse = false;                   ///< Load databases into scratch and check them there.
};

struct VerifyProblem {
  std::string snapshot, path, file, what; ///< All but `what` may be empty.
};

struct VerifyResult {
  std::vector<VerifyProblem> problems;
  std::uint64_t snapshots_checked = 0;
  [[nodiscard]] bool ok() const { return problems.empty(); }
};

/// Which snapshots stay, beside the rules of the settings.
struct PruneOptions {
  std::optional<std::uint64_t> keep_last = {}, keep_hourly = {}, keep_daily = {}, keep_weekly = {},
                               keep_monthly = {}, keep_yearly = {};
  std::optional<std::chrono::seconds> keep_within = {};
  std::vector<std::string> keep_tags = {};
  std::optional<std::uint64_t> max_size = {}; ///< Bytes of the whole store.
  std::optional<std::uint64_t> max_count = {};
  bool dry_run = false;
};

struct PruneDecision {
  std::string id;
  std::vector<std::string> reasons;
};

struct PruneResult {
  std::vector<PruneDecision> kept;
  std::vector<PruneDecision> removed;
  std::uint64_t bytes_freed = 0;
};

/// An operation on a store, as its log tells it. Texts that are empty, and numbers that are
/// missing, have nothing to say about it.
struct OperationEntry {
  std::chrono::sys_time<std::chrono::nanoseconds> at; ///< When it began.
  std::string name;                                   ///< "snapshot", "restore", "prune" …
  std::string trigger;                                ///< What started it: "hook:pre-commit".
  std::string snapshot;
  std::string safety_snapshot;
  std::optional<std::uint64_t> bytes_added, bytes_freed, changes, removed;
  int exit_code = 0; ///< 0 where all went well.
  std::string error;
  std::chrono::milliseconds duration{0};
};

/// Which operations are wanted.
struct OperationOptions {
  std::optional<std::size_t> limit = {};
  bool failed = false; ///< Only those that did not end with exit code 0.
  std::optional<std::chrono::sys_time<std::chrono::nanoseconds>> since = {};
};

/// A project and its snapshots. Wherever a snapshot is asked for, everything that SNAPSHOT means
/// on the command line will do: an id, a unique part of one, `latest`, `latest~2`, a tag,
/// `branch:NAME`, `commit:REV`.
class SAVEPOINT_EXPORT Project {
public:
  /// Opens the project that holds `directory`.
  ///
  /// Throws UsageError if its settings are wrong, NotFoundError if there is no such directory.
  explicit Project(const std::filesystem::path& directory, const OpenOptions& options = {});
  ~Project();
  Project(Project&&) noexcept;
  Project& operator=(Project&&) noexcept;

  [[nodiscard]] const std::filesystem::path& root() const;
  [[nodiscard]] std::filesystem::path store() const;

  /// Takes a snapshot. When it returns, all of it is on disk.
  ///
  /// Throws UsageError for a note, tag or trigger that the command line would refuse as well.
  SnapshotResult snapshot(const SnapshotOptions& options = {});
  /// The project's snapshots, the newest first.
  [[nodiscard]] std::vector<SnapshotEntry> snapshots() const;
  /// What was done with the project's snapshots, or tried, by whom- and whatever, the newest first.
  /// Old ones are forgotten after some thousands.
  [[nodiscard]] std::vector<OperationEntry> operations(const OperationOptions& options = {}) const;

  /// Puts the project back to what it was, or writes the snapshot to another directory. In place a
  /// safety snapshot is taken first, and nothing is changed before everything needed is staged.
  RestoreResult restore(std::string_view snapshot, const RestoreOptions& options = {});
  /// Puts the project back to what it was before the last restore. Throws NotFoundError if there
  /// was none.
  RestoreResult undo();
  /// Whether a restore was interrupted by a crash: the project is between two states.
  [[nodiscard]] bool recovery_due() const;
  /// Brings an interrupted restore to its end. Throws NotFoundError if none is due.
  RestoreResult recover(Recovery direction);

  /// Verifies snapshots, or all of the store; where there is none yet, nothing is wrong.
  [[nodiscard]] VerifyResult verify(const VerifyOptions& options = {}) const;

  /// Removes the snapshots that no rule keeps and gives their room back. Rules by number or age in
  /// `options` take the place of those of the settings; tags are added, limits replaced one by one.
  PruneResult prune(const PruneOptions& options = {});
  /// Removes just this snapshot. Throws RefusedError if it is pinned.
  PruneResult remove(std::string_view snapshot);

private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace savepoint
