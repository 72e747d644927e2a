#include "base/error.hpp"
#include "fs/files.hpp"
#include "store/internal/documents.hpp"
#include "store/internal/prune_mark.hpp"
#include "store/internal/store_state.hpp"
#include "store/internal/trash.hpp"
#include "store/reclaim.hpp"

#include <algorithm>

namespace savepoint::store {
namespace {

/// So many marks are merged into one: a store that prunes after each snapshot would gather
/// thousands.
constexpr std::size_t k_most_marks = 32;

PrunedSnapshot pruned(const Layout& layout, const SnapshotId& id, Timestamp now) {
  PrunedSnapshot snapshot{.id = id, .previous = std::nullopt, .pruned_at = to_iso8601(now)};
  try {
    if (const std::optional<manifest::Manifest> manifest = read_manifest(layout, id)) {
      snapshot.previous = manifest->previous;
    }
  } catch (const CorruptionError&) { // NOLINT(bugprone-empty-catch): damaged ones may go too
  } catch (const NotFoundError&) {   // NOLINT(bugprone-empty-catch): and those of a newer version
  }
  return snapshot;
}

/// Unique, and sorted by time for whoever lists the directory.
std::string label_at(Timestamp now) {
  std::string label = to_iso8601(now);
  std::erase_if(label, [](char c) { return c == '-' || c == ':' || c == '.'; });
  return label + "-" + random_hex(4);
}

/// The marks that the next one takes in, with what they say put in front of `snapshots`. None if
/// there are few, or if one is damaged: `verify` names it, and it stays as it is.
std::vector<std::filesystem::path> merge_marks(const Layout& layout,
                                               std::vector<PrunedSnapshot>& snapshots) {
  const std::vector<std::filesystem::path> marks = layout.list_pruned_marks();
  if (marks.size() < k_most_marks) {
    return {};
  }
  std::vector<PrunedSnapshot> merged;
  try {
    for (const std::filesystem::path& mark : marks) {
      const std::vector<PrunedSnapshot> read = read_prune_mark(layout, mark);
      merged.insert(merged.end(), read.begin(), read.end());
    }
  } catch (const CorruptionError&) {
    return {};
  } catch (const NotFoundError&) {
    return {};
  }
  snapshots.insert(snapshots.begin(), merged.begin(), merged.end());
  return marks;
}

void write_mark(const std::filesystem::path& path, const std::string& text) {
  fs::AtomicFile file(path);
  file.write(as_bytes(text));
  file.commit();
}

void leave_mark(Store::State& state, std::vector<PrunedSnapshot> snapshots, Timestamp now) {
  const std::vector<std::filesystem::path> merged = merge_marks(state.layout, snapshots);
  const std::filesystem::path path = state.layout.pruned_mark(label_at(now));
  const std::string text = print_prune_mark(snapshots);
  fs::make_directories(state.layout.marks());
  try {
    write_mark(path, text);
  } catch (const BusyError&) {
    make_room(state); // pruning must be possible on a disk that is full
    write_mark(path, text);
  }
  for (const std::filesystem::path& mark : merged) {
    fs::remove_file(mark);
  }
}

} // namespace

void remove_snapshots(Store& store, const std::vector<SnapshotId>& ids, Timestamp now) {
  Store::State& state = store.state();
  state.require_exclusive();
  if (ids.empty()) {
    return;
  }
  std::vector<PrunedSnapshot> snapshots;
  for (const SnapshotId& id : ids) {
    snapshots.push_back(pruned(state.layout, id, now));
  }

  ManifestChange change(state.catalog);
  leave_mark(state, std::move(snapshots), now);
  const Trash trash(state.layout);
  for (const SnapshotId& id : ids) {
    trash.take(state.layout.manifest(id), id.text() + ".json");
    trash.take(state.layout.marks(id), "marks-" + id.text() + ".json");
  }
  fs::sync_directory(state.layout.manifests());
  fs::sync_directory(state.layout.marks());
  change.commit([&](Catalog& catalog) {
    for (const SnapshotId& id : ids) {
      catalog.drop_snapshot(id);
    }
  });
}

std::vector<std::string> pruned_snapshots(const Store& store) {
  const Layout& layout = store.state().layout;
  std::vector<std::string> ids;
  for (const std::filesystem::path& mark : layout.list_pruned_marks()) {
    for (const PrunedSnapshot& snapshot : read_prune_mark(layout, mark)) {
      ids.push_back(snapshot.id.text());
    }
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

} // namespace savepoint::store
