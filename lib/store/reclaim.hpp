#pragma once

#include "base/cancellation.hpp"
#include "base/progress.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

namespace savepoint::store {

/// Takes snapshots out of the store: their manifests move to the trash, and a mark
/// (docs/formats/prune-mark.md) says that prune did it. Durable when it returns; their data goes
/// with `reclaim`. Ids of which there is no snapshot are marked all the same.
///
/// If it throws, some of the snapshots may be gone already; asking again finishes.
///
/// Requires a store opened exclusively.
void remove_snapshots(Store& store, const std::vector<SnapshotId>& ids, Timestamp now);

/// The ids that prune ever removed, sorted. Throws CorruptionError if a mark is damaged.
[[nodiscard]] std::vector<std::string> pruned_snapshots(const Store& store);

/// Every chunk that the snapshots of the store need.
///
/// Throws CorruptionError if that cannot be told, because a manifest, tree or list is damaged.
[[nodiscard]] std::unordered_set<hash::Digest, hash::DigestHash>
live_chunks(const Store& store, const Cancellation& cancellation);

/// Requires that no manifest is damaged, or missing without prune having removed it: what it needed
/// could not be told from garbage. Where there is no manifest at all and none was ever pruned, what
/// lies there is garbage of a first snapshot that was killed, unless a cache, which only comes
/// after a snapshot, says that there was one.
///
/// Throws CorruptionError.
void require_complete(const Store& store);

/// What reclaiming would do, or did.
struct Reclaimed {
  std::uint64_t bytes_freed = 0; ///< Net: removed less rewritten.
  std::uint64_t bytes_rewritten = 0;
  std::uint64_t packs_removed = 0;
  std::uint64_t packs_rewritten = 0;
};

/// Gives back the room of chunks that no snapshot needs: packs without any live chunk are removed,
/// those with more dead than live bytes are rewritten first, and so are small ones that fill a pack
/// together. Removes what dead processes left as well. Every step may be the last before a crash.
/// Needs no free space to remove; rewriting stops quietly when there is none.
///
/// Throws CorruptionError, with only leftovers removed, if what snapshots need cannot be told.
///
/// Requires a store opened exclusively.
Reclaimed reclaim(Store& store, const Cancellation& cancellation, Progress& progress);

/// The bytes that `reclaim` would free if `ids` were removed before, without removing anything. An
/// estimate where packs would be rewritten.
[[nodiscard]] std::uint64_t reclaimable(const Store& store, const std::vector<SnapshotId>& ids,
                                        const Cancellation& cancellation);

} // namespace savepoint::store
