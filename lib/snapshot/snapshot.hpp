#pragma once

#include "manifest/manifest.hpp"
#include "project/project.hpp"
#include "project/scan.hpp"
#include "project/selection.hpp"
#include "store/store.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace savepoint::snapshot {

/// Somebody who waits for a capture only as long as it reads files. May be asked from several
/// threads.
class Waiting {
public:
  virtual ~Waiting() = default;
  /// Files and configuration are read: what happens to them now is of no concern any more.
  virtual void files_are_read() = 0;
  /// Whether nobody waits any more, and the project may have changed since.
  [[nodiscard]] virtual bool has_gone_on() = 0;
};

struct Request {
  std::string note;
  std::vector<std::string> tags;
  bool pinned = false;
  project::Selection only;
  std::string trigger = "manual";
  bool if_changed = false; ///< Do nothing if the newest snapshot of this work tree says the same.
  bool require_database = false;       ///< A database that cannot be captured fails the whole.
  bool require_used_databases = false; ///< As does one in use that is not captured unasked.
  std::chrono::milliseconds database_wait = std::chrono::seconds(10);
  /// The databases on servers that are read if they have changed; missing: all of them. The others
  /// are in the manifest only if they have not changed since a snapshot that has them.
  std::optional<std::vector<std::string>> read_servers;
  /// Databases that the caller will read itself: like those on servers that are not to be read.
  std::vector<std::string> left_to_caller;
  /// Files that are captured with the code although they are ignored.
  std::vector<std::string> ignored_files;
  Waiting* waiting = nullptr; ///< Null: nobody is told. Must outlive the capture.
  std::optional<manifest::HookMoment> hook;
  std::vector<manifest::LeftOut> left_out; ///< What is known to be missing beforehand.
};

struct Taken {
  manifest::Manifest manifest; ///< Of the new snapshot, or of the one that already says the same.
  bool created = false;
  std::vector<std::string> notes; ///< For people: what is not as they might think.
  std::chrono::milliseconds duration{0};
};

/// Takes a snapshot of `project` into `store`. When it returns with `created`, all of it is on
/// disk. Before the manifest's rename nothing of it is visible; leftovers are swept by prune.
///
/// A restore in place and this wait for each other, some seconds: BusyError after that.
///
/// Throws NotFoundError if `only` names a database that is not there, errors of the store, and
/// DatabaseError or BusyError with `require_database`. What is wrong with single files and
/// databases is in the manifest's `left_out`.
[[nodiscard]] Taken take(const project::Project& project, store::Store& store,
                         const Request& request);

/// The present state of a project as a manifest that was never sealed. The functions make the next
/// capture cheap; they do nothing unless captured with CacheUse::renew.
struct Present {
  manifest::Manifest manifest;
  std::vector<std::string> unread; ///< Databases that were not to be read and may have changed.
  std::vector<std::string> late;   ///< Databases read when nobody waited any more.
  std::vector<project::FoundDatabase> database_files; ///< Captured or not.
  /// What discovery could make nothing of, where the config names no database.
  std::vector<std::string> notes;
  /// To be called once every tree and chunk of the code is held by a snapshot.
  std::function<void(const SnapshotId&)> remember_files;
  /// To be called once every database image is held by a snapshot. Has servers keep copies where
  /// that is wanted, and returns notes for people about them.
  std::function<std::vector<std::string>(const SnapshotId&)> remember_databases;
};

/// Captures the present state into whatever `make_sink` leads to: a Batch to keep it, a DryBatch
/// only to look. Of `request`, `only`, `require_database`, `database_wait`, `read_servers`,
/// `left_to_caller` and `ignored_files` count. `diff`, `status`, restore and `take` are made of
/// this.
[[nodiscard]] Present capture(const project::Project& project, store::Store& store,
                              const std::function<std::unique_ptr<store::ChunkSink>()>& make_sink,
                              const store::ChunkSource& source, const Request& request,
                              project::CacheUse cache = project::CacheUse::read);

} // namespace savepoint::snapshot
