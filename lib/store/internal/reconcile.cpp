#include "store/internal/reconcile.hpp"

#include "base/error.hpp"
#include "fs/files.hpp"
#include "store/internal/documents.hpp"
#include "store/internal/pack.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <set>

namespace savepoint::store {

namespace {

// Rows are sorted before they are added; so many at a time bound the memory that takes.
constexpr std::size_t k_most_rows = std::size_t{1} << 20U;

template <typename T>
std::vector<T> missing_from(const std::vector<T>& sorted, const std::vector<T>& other) {
  std::vector<T> missing;
  std::set_difference(sorted.begin(), sorted.end(), other.begin(), other.end(),
                      std::back_inserter(missing));
  return missing;
}

std::optional<manifest::Manifest> manifest_if_whole(const Layout& layout, const SnapshotId& id) {
  try {
    return read_manifest(layout, id);
  } catch (const CorruptionError&) {
    return std::nullopt;
  } catch (const NotFoundError&) { // of a newer version
    return std::nullopt;
  }
}

std::optional<manifest::Marks> marks_if_whole(const Layout& layout, const SnapshotId& id) {
  try {
    return read_marks(layout, id);
  } catch (const CorruptionError&) {
    return std::nullopt;
  }
}

void add_from_manifest(Catalog& catalog, const Layout& layout, const SnapshotId& id) {
  if (const std::optional<manifest::Manifest> manifest = manifest_if_whole(layout, id)) {
    catalog.add_snapshot(manifest::summarize(*manifest));
  }
}

/// Null for one that is damaged.
std::unique_ptr<PackReader> pack_if_whole(const Layout& layout, const hash::Digest& name) {
  try {
    return std::make_unique<PackReader>(layout.pack(name), name);
  } catch (const CorruptionError&) {
    return nullptr;
  }
}

} // namespace

void note_vanished(Catalog& catalog, const Layout& layout) {
  catalog.add_vanished(missing_from(catalog.snapshot_ids(), layout.list_manifests()));
}

void reconcile_manifests(Catalog& catalog, const Layout& layout) {
  note_vanished(catalog, layout);
  const std::vector<SnapshotId> known = catalog.snapshot_ids();
  const std::vector<SnapshotId> present = layout.list_manifests();
  for (const SnapshotId& id : missing_from(known, present)) {
    catalog.drop_snapshot(id);
  }
  for (const SnapshotId& id : missing_from(present, known)) {
    add_from_manifest(catalog, layout, id);
  }
}

void reconcile_marks(Catalog& catalog, const Layout& layout) {
  const std::vector<SnapshotId> present = layout.list_marks();
  for (const SnapshotId& id : missing_from(catalog.marked_ids(), present)) {
    add_from_manifest(catalog, layout, id);
  }
  for (const SnapshotId& id : present) {
    if (const std::optional<manifest::Marks> marks = marks_if_whole(layout, id)) {
      catalog.set_marks(id, *marks);
    }
  }
}

void reconcile_packs(Catalog& catalog, const Layout& layout) {
  const std::vector<hash::Digest> known = catalog.packs();
  const std::vector<hash::Digest> present = layout.list_packs();
  catalog.drop_packs(missing_from(known, present));

  std::set<std::filesystem::path> synced;
  std::vector<CatalogChunk> rows;
  for (const hash::Digest& name : missing_from(present, known)) {
    const std::unique_ptr<PackReader> pack = pack_if_whole(layout, name);
    if (!pack) {
      continue;
    }
    if (synced.insert(layout.shard(name)).second) {
      fs::sync_directory(layout.shard(name));
    }
    const std::int64_t number = catalog.add_pack(name, pack->size());
    for (const PackChunk& chunk : pack->chunks()) {
      rows.push_back({chunk.id, number});
    }
    if (rows.size() >= k_most_rows) {
      catalog.add_chunks(rows);
      rows.clear();
    }
  }
  catalog.add_chunks(rows);
  if (!synced.empty()) {
    fs::sync_directory(layout.packs());
  }
}

} // namespace savepoint::store
