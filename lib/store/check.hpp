#pragma once

#include "base/cancellation.hpp"
#include "base/progress.hpp"
#include "store/store.hpp"

#include <string>
#include <vector>

namespace savepoint::store {

/// A file of the store that is not as it was written.
struct DamagedFile {
  std::string file; ///< Below the store's root.
  std::string what;
  /// The chunks it should hold that cannot be had from it; empty if not even its footer can be
  /// read.
  std::vector<hash::Digest> chunks;
};

enum class ReadData { no, yes };

/// Looks at every pack: its size, its footer against its name, and with ReadData::yes every chunk
/// in it, on as many threads as there are cores. Collects what is wrong; throws only if it cannot
/// look.
[[nodiscard]] std::vector<DamagedFile> check_packs(const Store& store, ReadData read_data,
                                                   const Cancellation& cancellation,
                                                   Progress& progress);

/// Has the next snapshots heal what they can: what `packs` hold is stored anew where its source is
/// still there, and the caches by which sources are not read go. `complete`: every byte was looked
/// at, so packs that were found damaged before and are not among these are not any more.
///
/// Does nothing to a store that cannot be written.
void plan_healing(const Store& store, const std::vector<DamagedFile>& packs, ReadData complete);
/// Forgets packs that were found damaged, after a look at every byte that found none.
void forget_damage(const Store& store);

/// store.json, manifests, marks, journals and lists of restores that cannot be read or do not match
/// their checksum, and manifests that others name as the one before them, or the catalog remembers,
/// and that are neither there nor pruned.
[[nodiscard]] std::vector<DamagedFile> check_documents(const Store& store);
/// The snapshots whose manifests are missing by the same rules.
[[nodiscard]] std::vector<SnapshotId> missing_snapshots(const Store& store);

} // namespace savepoint::store
