#pragma once

#include "fs/lock.hpp"
#include "store/internal/catalog.hpp"
#include "store/internal/layout.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace savepoint::store {

/// The catalog, kept true to the packs, manifests and marks it is made from.
///
/// Opened when first needed; made anew when it is missing, damaged or of another store; brought up
/// to date when the directories are not as they were at the last commit. On a store that cannot be
/// written it is read as it is or, if that is not the truth, made in memory.
///
/// Safe to use from several threads.
class LiveCatalog {
public:
  LiveCatalog(Layout layout, std::string store_id);
  ~LiveCatalog();
  LiveCatalog(const LiveCatalog&) = delete;
  LiveCatalog& operator=(const LiveCatalog&) = delete;

  [[nodiscard]] bool has_chunks();
  /// Says no only if no pack that is known holds the chunk. Cheaper than asking which, once that
  /// many chunks have been asked for that it pays to keep a summary of all in memory.
  [[nodiscard]] bool may_hold(const hash::Digest& id);
  /// The packs that hold a chunk, as far as is known.
  [[nodiscard]] std::vector<hash::Digest> packs_with(const hash::Digest& id);
  /// For a chunk that cannot be found: looks for packs that are not known either, then makes the
  /// catalog anew. Returns false if both was done and no manifest changed since.
  bool look_again();
  /// All snapshots, the newest first, as the directories have them now.
  [[nodiscard]] std::vector<manifest::Summary> snapshots();
  /// The newest that fits, as the directories have them now.
  [[nodiscard]] std::optional<manifest::Summary>
  find_newest(const std::function<bool(const manifest::Summary&)>& fits);
  /// As Catalog::vanished.
  [[nodiscard]] std::vector<SnapshotId> vanished();

  /// Drops packs that are no longer there and reads those that are new. To be called after packs
  /// were removed or replaced.
  void reconcile_packs();
  /// Makes the catalog anew; returns how many snapshots it found. Throws IoError where it cannot be
  /// written.
  std::size_t rebuild();

private:
  friend class ManifestChange;
  struct Open;

  /// Runs `work` on the open catalog. If that fails because of the catalog, it is made anew, or in
  /// memory where it cannot be written, and `work` runs once more. `work` may take the lock on
  /// manifests/. Requires mutex_, as all below do.
  template <typename Work> auto run(Work work);
  /// What keeps a catalog from being used; nothing if it is not its fault.
  enum class Trouble { damaged, read_only };
  template <typename Work> std::optional<Trouble> attempt(Work work);

  void open_file();
  void make_anew();
  void make_in_memory();
  void mend(Trouble trouble);
  /// The same for somebody who holds the lock on manifests/.
  void mend_locked(Trouble trouble);
  /// Forgets a catalog that somebody else has replaced.
  void look_at_file();

  std::size_t rebuild_tables();
  void reconcile_pack_tables();
  [[nodiscard]] bool is_stale();
  /// Makes the tables true to the files. Requires the lock and a write transaction.
  void catch_up();
  /// The same, with both taken here and only if there is need.
  void refresh();
  [[nodiscard]] fs::FileLock lock_manifests() const;

  Layout layout_;
  std::string store_id_;
  std::mutex mutex_;
  std::unique_ptr<Open> open_;                         // missing until needed
  std::optional<std::uint64_t> inode_;                 // of catalog.db, when it was last looked at
  std::uint64_t questions_ = 0;                        // asked of `may_hold`
  std::optional<std::vector<std::uint64_t>> prefixes_; // of all chunks, sorted; once it pays
  enum class Looked { not_yet, for_packs, everywhere };
  Looked looked_ = Looked::not_yet;
  std::string looked_at_; // the stamp of manifests/ when it was
};

/// A change to manifests or marks. As long as it lives, nobody else makes one, and the catalog is
/// as the directories are.
///
///   ManifestChange change(catalog);
///   // rename files into or out of manifests/ and marks/, durably
///   change.commit([&](Catalog& tables) { tables.drop_snapshot(id); });
///
/// Without `commit` the catalog stays as it was, and whoever uses it next notices that the
/// directories changed.
class ManifestChange {
public:
  /// Throws BusyError if somebody else makes a change all the time.
  explicit ManifestChange(LiveCatalog& catalog);
  ~ManifestChange();
  ManifestChange(const ManifestChange&) = delete;
  ManifestChange& operator=(const ManifestChange&) = delete;

  /// The newest snapshot, nothing if there is none.
  [[nodiscard]] const std::optional<manifest::Summary>& newest() const { return newest_; }
  /// Writes the change into the catalog by `record`. The files have been changed by then, so the
  /// catalog, which can be made anew, does not get to fail: what goes wrong only makes it stale.
  void commit(const std::function<void(Catalog&)>& record) noexcept;

private:
  LiveCatalog* live_;
  std::unique_lock<std::mutex> guard_;
  fs::FileLock lock_;
  std::optional<sqlite::Transaction> transaction_;
  std::optional<manifest::Summary> newest_;
};

} // namespace savepoint::store
