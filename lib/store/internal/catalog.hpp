#pragma once

#include "base/snapshot_id.hpp"
#include "hash/digest.hpp"
#include "manifest/summary.hpp"
#include "sqlite/connection.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::store {

/// A chunk and the pack, by its number in the catalog, that holds it.
struct CatalogChunk {
  hash::Digest id;
  std::int64_t pack = 0;
};

/// The first eight bytes of a digest as a number, in the order of digests.
[[nodiscard]] std::uint64_t prefix_of(const hash::Digest& id);

/// The tables of catalog.db (docs/formats/catalog.md) and the questions asked of them. Knows
/// nothing of the files it is made from; LiveCatalog does.
///
/// Rows of snapshots carry checksums, and a tally says how many there should be: SQLite notices
/// little of what happens to its pages. What does not add up throws CorruptionError. Chunks need no
/// such care, since packs know better.
///
/// Not thread-safe. Whatever SQLite says no to throws as sqlite/connection.hpp says.
class Catalog {
public:
  /// Opens a catalog as it is. Throws CorruptionError if it is not one of this version and of the
  /// store `store_id`.
  [[nodiscard]] static Catalog open(const std::filesystem::path& file, std::string_view store_id);
  /// Makes empty tables in an empty database.
  [[nodiscard]] static Catalog create(const std::filesystem::path& file, std::string_view store_id);
  [[nodiscard]] static Catalog create_in_memory(std::string_view store_id);

  [[nodiscard]] sqlite::Connection& connection() { return connection_; }
  /// Empties all tables, notes included but for what vanished.
  void clear(std::string_view store_id);

  // Notes about the files that the tables were made from
  /// Empty if there is none.
  [[nodiscard]] std::string note(std::string_view key);
  void set_note(std::string_view key, std::string_view value);

  // Packs and chunks
  [[nodiscard]] bool has_chunks();
  /// The packs that hold a chunk, newest first.
  [[nodiscard]] std::vector<hash::Digest> packs_with(const hash::Digest& id);
  /// There are no more chunks than this; found without counting them.
  [[nodiscard]] std::uint64_t most_chunks();
  /// `prefix_of` every chunk, sorted.
  [[nodiscard]] std::vector<std::uint64_t> chunk_prefixes();
  [[nodiscard]] std::vector<hash::Digest> packs();
  /// Returns the pack's number, also if it was known already.
  std::int64_t add_pack(const hash::Digest& name, std::uint64_t size);
  /// Sorts them first: the table is sorted by id.
  void add_chunks(std::vector<CatalogChunk>& chunks);
  void drop_packs(const std::vector<hash::Digest>& names);

  // Snapshots
  /// All of them, the newest first.
  [[nodiscard]] std::vector<manifest::Summary> snapshots();
  /// Sorted.
  [[nodiscard]] std::vector<SnapshotId> snapshot_ids();
  /// Those whose marks were set after they were added; sorted.
  [[nodiscard]] std::vector<SnapshotId> marked_ids();
  /// The newest that fits. Rows older than that are not looked at, nor is it checked that none is
  /// missing.
  [[nodiscard]] std::optional<manifest::Summary>
  find_newest(const std::function<bool(const manifest::Summary&)>& fits);
  [[nodiscard]] std::optional<manifest::Summary> newest();
  /// Adds a snapshot, in place of one with the same id.
  void add_snapshot(const manifest::Summary& summary);
  void drop_snapshot(const SnapshotId& id);
  void set_marks(const SnapshotId& id, const manifest::Marks& marks);

  /// Snapshots that were here and whose manifests went without being dropped by prune; sorted. They
  /// may have come back, or been pruned since.
  [[nodiscard]] std::vector<SnapshotId> vanished();
  void add_vanished(const std::vector<SnapshotId>& ids);

private:
  explicit Catalog(sqlite::Connection connection);
  [[nodiscard]] static Catalog create(Catalog catalog, std::string_view store_id);

  struct Tally;
  [[nodiscard]] Tally tally();
  void set_tally(const Tally& tally);
  void require_newest(std::string_view id);
  struct Row;
  [[nodiscard]] std::optional<Row> row(const SnapshotId& id);
  enum class Marked { no, yes };
  void put_row(const manifest::Summary& summary, Marked marked);
  [[nodiscard]] std::vector<SnapshotId> ids(std::string_view sql);

  sqlite::Connection connection_;
  std::optional<sqlite::Statement> lookup_; // prepared when first asked
};

} // namespace savepoint::store
