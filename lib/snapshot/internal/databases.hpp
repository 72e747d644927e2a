#pragma once

#include "base/progress.hpp"
#include "database/driver.hpp"
#include "manifest/manifest.hpp"
#include "project/project.hpp"
#include "snapshot/snapshot.hpp"
#include "store/store.hpp"

#include <atomic>
#include <cstdint>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::snapshot {

/// What the last captures knew of the databases: cache/<worktree>.databases.json. A cache: without
/// it, databases are captured again.
struct KnownDatabase {
  std::string fingerprint;
  std::string snapshot; ///< The one whose manifest describes it.
  bool is_new = false;  ///< Not in the file.
};
using KnownDatabases = std::map<std::string, KnownDatabase>;

[[nodiscard]] KnownDatabases known_databases(const project::Project& project,
                                             const store::Store& store);

/// The manifest of a snapshot; nothing if it is damaged, or of a format that we do not know: it
/// then has nothing that could be taken over, and is nobody's hindrance.
[[nodiscard]] std::optional<manifest::Manifest> load_if_readable(const store::Store& store,
                                                                 const SnapshotId& id);

/// A database whose copies are to be tended once a snapshot has it.
struct CopyOrder {
  database::Target target;
  manifest::DatabaseComponent component;
  std::string fingerprint; ///< Empty if it had none.
};

/// Everything about databases in one capture.
struct CapturedDatabases {
  std::vector<manifest::DatabaseComponent> components;
  std::vector<manifest::LeftOut> left_out;
  std::vector<std::string> not_databases; ///< Paths that only look like databases.
  std::vector<std::string> unread;        ///< Not to be read, and changed or not known.
  std::vector<std::string> late;          ///< Read when nobody waited any more.
  KnownDatabases fingerprints;            ///< Their `snapshot` is empty where newly captured.
  std::vector<CopyOrder> copies;
};

/// What a capture of databases needs. All must outlive it.
struct CaptureOrder {
  const project::Project& project;
  const store::Store& store;
  const Request& request;
  const KnownDatabases& known;
  Progress& progress; ///< Hears of each database that is read.
  /// Ends the capture with Cancelled once it is set.
  const std::atomic<bool>* give_up = nullptr;
};

/// Whether a file that looks like a database and is not to be captured is one. What cannot be
/// opened now counts as one.
[[nodiscard]] bool is_database(const CaptureOrder& order, const project::FoundDatabase& file);

/// Captures every selected target that has changed; of the others the description is taken over.
[[nodiscard]] CapturedDatabases capture_databases(const CaptureOrder& order, store::ChunkSink& sink,
                                                  const std::vector<database::Target>& targets);

/// Keeps to itself how far some work has come until somebody waits for that work alone.
class LaterProgress final : public Progress {
public:
  void stage(std::string_view name, std::uint64_t total_bytes) override;
  void advance(std::uint64_t files, std::uint64_t bytes) override;
  /// From now on `progress` hears of it, first of what is left of the present stage.
  void tell(Progress& progress);

private:
  std::mutex mutex_; // guards all
  std::string name_;
  std::uint64_t total_ = 0;
  std::uint64_t bytes_ = 0;
  Progress* next_ = nullptr;
};

/// Captures the databases of servers while the caller reads files.
class ServerCapture {
public:
  /// Begins. All must outlive it. `sink` is used by a thread of its own.
  ServerCapture(const CaptureOrder& order, std::unique_ptr<store::ChunkSink> sink,
                std::vector<database::Target> targets);
  /// Gives up what has not come to its end.
  ~ServerCapture();
  ServerCapture(const ServerCapture&) = delete;
  ServerCapture& operator=(const ServerCapture&) = delete;

  /// Waits for its end; from now on, `progress` says which database is being read.
  [[nodiscard]] CapturedDatabases finish(Progress& progress);

private:
  LaterProgress progress_;
  CaptureOrder order_;
  std::unique_ptr<store::ChunkSink> sink_;
  std::vector<database::Target> targets_;
  std::atomic<bool> give_up_{false};
  std::future<CapturedDatabases> result_;
};

/// Has servers keep copies of what a snapshot holds now, where that is wanted, and puts what the
/// databases are known by from now on into `fingerprints`. Returns what came of it, for people.
[[nodiscard]] std::vector<std::string> tend_copies(const std::vector<CopyOrder>& orders,
                                                   KnownDatabases& fingerprints);

/// Keeps the fingerprints for the next time; those newly captured are described by `snapshot`. If
/// they cannot be written, the old ones stay, which costs time and is never wrong.
void remember_databases(const project::Project& project, const store::Store& store,
                        KnownDatabases fingerprints, const SnapshotId& snapshot);

} // namespace savepoint::snapshot
