#pragma once

#include "base/cancellation.hpp"
#include "base/snapshot_id.hpp"
#include "base/timestamp.hpp"
#include "manifest/manifest.hpp"
#include "manifest/summary.hpp"
#include "store/chunks.hpp"
#include "store/content.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace savepoint::store {

/// Who else may use the store meanwhile. Readers and writers share it; reclaiming has it alone.
enum class Access { shared, exclusive };

class Batch;

/// Where snapshots live: a directory as docs/formats/store.md draws it.
///
///   Wholeness   A snapshot is entirely there or not there, whatever crashed and when.
///   Durability  Once `seal` returns, the snapshot survives power loss.
///   Honesty     Bytes are hashed on every read. Damage is reported, never returned.
///   Cache       The catalog may be deleted at any time; it is made anew when next needed.
///
/// Holds the store's lock (flock) as long as it lives. Reading is safe from several threads.
class Store final : public ChunkSource {
public:
  static constexpr std::chrono::seconds k_patience{30};

  /// Opens the store in `root`.
  ///
  /// Throws NotFoundError if there is none, or if it is of a newer format; BusyError if the lock
  /// could not be had within `wait`; RefusedError if it belongs to somebody else or others may
  /// write; Cancelled when that is requested while it waits.
  [[nodiscard]] static Store open(const std::filesystem::path& root, Access access,
                                  std::chrono::milliseconds wait = k_patience,
                                  const Cancellation* cancellation = nullptr);
  /// Makes an empty store in `root` (0700) unless there is one, then opens it shared.
  [[nodiscard]] static Store open_or_create(const std::filesystem::path& root,
                                            const Cancellation* cancellation = nullptr);
  [[nodiscard]] static bool exists(const std::filesystem::path& root);

  ~Store() override;
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;

  [[nodiscard]] const std::filesystem::path& root() const;
  /// 32 hex digits, random: which store it is, wherever it lies.
  [[nodiscard]] const std::string& id() const;
  [[nodiscard]] const CuttingRules& cutting_rules() const;
  /// A directory below the root for scratch files, made if missing. Whatever lies in it and is not
  /// locked is removed by the next writer.
  [[nodiscard]] std::filesystem::path scratch_directory() const;
  /// cache/<name>: where callers keep caches of theirs, such as the stat cache.
  [[nodiscard]] std::filesystem::path cache_file(const std::string& name) const;

  // Chunks
  [[nodiscard]] Bytes get(const hash::Digest& id) const override;
  [[nodiscard]] bool contains(const hash::Digest& id) const;

  // Snapshots
  /// All snapshots, the newest (by sequence) first, marks applied.
  [[nodiscard]] std::vector<manifest::Summary> snapshots() const;
  /// The newest snapshot that fits, marks applied; costs what is newer than it, not what is there.
  [[nodiscard]] std::optional<manifest::Summary>
  find_newest(const std::function<bool(const manifest::Summary&)>& fits) const;
  [[nodiscard]] bool has_snapshot(const SnapshotId& id) const;
  /// Throws NotFoundError if there is no such snapshot, CorruptionError if its manifest is damaged.
  [[nodiscard]] manifest::Manifest load(const SnapshotId& id) const;
  /// Makes all of `batch` durable, then the snapshot visible: the rename of its manifest is the
  /// only moment at which it comes to be. Fills in sequence, previous, id, bytes_added.
  manifest::Manifest seal(Batch& batch, manifest::Manifest manifest);

  [[nodiscard]] manifest::Marks marks(const SnapshotId& id) const;
  /// Changes them as they are then: nobody else's change comes in between. Returns what they are
  /// now.
  manifest::Marks change_marks(const SnapshotId& id,
                               const std::function<void(manifest::Marks&)>& change);

  /// Bytes of all packs and manifests.
  [[nodiscard]] std::uint64_t size_in_bytes() const;
  /// Makes the catalog anew from packs and manifests; returns how many snapshots it found.
  /// Throws IoError where the store cannot be written.
  std::size_t rebuild_catalog();

  struct State;
  /// For the other files of this room.
  [[nodiscard]] State& state() const { return *state_; }

private:
  explicit Store(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Chunks on their way into a store: invisible until `Store::seal`, and left to prune without it.
///
/// Each thread takes a `writer()` of its own. Full frames are compressed by threads of the batch.
class Batch {
public:
  /// `store` must outlive the batch.
  explicit Batch(Store& store);
  ~Batch();
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  /// A sink that puts chunks into this batch. What it holds stays with the batch when it is
  /// destroyed; must not outlive the batch.
  [[nodiscard]] std::unique_ptr<ChunkSink> writer();

  /// Reads chunks of the batch and of the store below it, as one. Chunks of kind data that the
  /// batch took can be read once it is sealed.
  [[nodiscard]] const ChunkSource& source() const;

  /// Whether it holds again what is in a pack that was found damaged: even if nothing else changed,
  /// it is worth to be sealed.
  [[nodiscard]] bool heals() const;

  /// Bytes of packs written so far.
  [[nodiscard]] std::uint64_t bytes_added() const;

  struct State;
  [[nodiscard]] State& state() const { return *state_; }

private:
  std::unique_ptr<State> state_;
};

/// A sink that names chunks and keeps only those of kind meta, in memory: to compare a project with
/// a snapshot without writing. Reads fall through to `below`, which must outlive it and may be
/// null. `writer()` may be called from several threads.
class DryBatch {
public:
  explicit DryBatch(const Store* below);
  ~DryBatch();
  [[nodiscard]] std::unique_ptr<ChunkSink> writer();
  [[nodiscard]] const ChunkSource& source() const;

private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace savepoint::store
