#pragma once

#include "fs/lock.hpp"
#include "store/internal/catalog.hpp"
#include "store/internal/layout.hpp"

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
  /// The packs that hold a chunk, as far as is known.
  [[nodiscard]] std::vector<hash::Digest> packs_with(const hash::Digest& id);
  /// For a chunk that is not known: looks for packs that are not known either, unless that was done
  /// and nothing changed since. Returns whether it looked.
  bool look_for_new_packs();
  /// All snapshots, the newest first, as the directories have them now.
  [[nodiscard]] std::vector<manifest::Summary> snapshots();

  /// Drops packs that are no longer there and reads those that are new. To be called after packs
  /// were removed or replaced.
  void reconcile_packs();
  /// Makes the catalog anew; returns how many snapshots it found.
  std::size_t rebuild();

private:
  friend class ManifestChange;
  struct Open;

  template <typename Work> auto with_catalog(Work work);
  void open();
  void open_fresh(const fs::FileLock& lock);
  void open_in_memory();
  [[nodiscard]] bool is_stale();
  void bring_up_to_date();
  [[nodiscard]] fs::FileLock lock_manifests() const;

  Layout layout_;
  std::string store_id_;
  std::mutex mutex_;
  std::unique_ptr<Open> open_;
  std::string looked_at_; // the stamp of manifests/ when packs were last looked for
};

/// A change to manifests or marks. As long as it lives, nobody else makes one, and the catalog is
/// as the directories are.
///
///   ManifestChange change(catalog);
///   // rename files into or out of manifests/ and marks/, durably
///   change.catalog().drop_snapshot(id);
///   change.commit();
///
/// Without `commit` the catalog's tables stay as they were, and whoever uses them next notices that
/// the directories changed.
class ManifestChange {
public:
  explicit ManifestChange(LiveCatalog& catalog);
  ~ManifestChange();
  ManifestChange(const ManifestChange&) = delete;
  ManifestChange& operator=(const ManifestChange&) = delete;

  [[nodiscard]] Catalog& catalog();
  /// Makes the tables' changes last. The files have been changed by then, so the catalog, which can
  /// be made anew, does not get to fail: what goes wrong only makes it stale.
  void commit() noexcept;

private:
  LiveCatalog* live_;
  std::unique_lock<std::mutex> guard_;
  std::optional<fs::FileLock> lock_;
  std::optional<sqlite::Transaction> transaction_;
};

} // namespace savepoint::store
