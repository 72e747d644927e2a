#include "store/internal/catalog.hpp"

#include "base/binary.hpp"
#include "base/error.hpp"

#include <algorithm>
#include <chrono>

namespace savepoint::store {

namespace {

constexpr std::int64_t k_version = 1;
constexpr std::chrono::seconds k_patience{30};
constexpr std::string_view k_store_note = "store";

constexpr const char* k_tables = R"(
  CREATE TABLE notes(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE packs(number INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE, size INTEGER NOT NULL);
  CREATE TABLE chunks(digest BLOB NOT NULL, pack INTEGER NOT NULL, PRIMARY KEY(digest, pack))
    WITHOUT ROWID;
  CREATE TABLE snapshots(
    id TEXT PRIMARY KEY, sequence INTEGER NOT NULL, created_ns INTEGER NOT NULL,
    "trigger" BLOB NOT NULL, project BLOB NOT NULL, worktree BLOB NOT NULL,
    branch BLOB, "commit" BLOB, dirty INTEGER NOT NULL, state BLOB NOT NULL,
    bytes INTEGER NOT NULL, bytes_added INTEGER NOT NULL, complete INTEGER NOT NULL,
    components BLOB NOT NULL,
    note BLOB NOT NULL, tags BLOB NOT NULL, pinned INTEGER NOT NULL,
    marked INTEGER NOT NULL) WITHOUT ROWID;
  CREATE INDEX snapshots_by_sequence ON snapshots(sequence);
)";

std::int64_t signed_of(std::uint64_t number) {
  return static_cast<std::int64_t>(number);
}
std::uint64_t unsigned_of(std::int64_t number) {
  return static_cast<std::uint64_t>(number);
}

// Names may be any bytes, so text goes into blobs.
std::string string_of(const sqlite::Statement& row, int column) {
  return std::string(as_text(row.blob(column)));
}

hash::Digest digest_of(const sqlite::Statement& row, int column) {
  const ByteView bytes = row.blob(column);
  if (bytes.size() != sizeof(hash::Digest)) {
    throw CorruptionError("the catalog is damaged: a digest is not as long as one");
  }
  return hash::Digest::from_bytes(bytes);
}

SnapshotId id_of(const sqlite::Statement& row, int column) {
  const std::optional<SnapshotId> id = SnapshotId::parse(row.text(column));
  if (!id) {
    throw CorruptionError("the catalog is damaged: a snapshot has no proper id");
  }
  return *id;
}

void bind_optional(sqlite::Statement& statement, int index,
                   const std::optional<std::string>& text) {
  if (text) {
    statement.bind(index, as_bytes(*text));
  } else {
    statement.bind_null(index);
  }
}

std::optional<std::string> optional_of(const sqlite::Statement& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional(string_of(row, column));
}

Bytes encode_strings(const std::vector<std::string>& strings) {
  BinaryWriter writer;
  writer.varint(strings.size());
  for (const std::string& text : strings) {
    writer.string(text);
  }
  return writer.take();
}

std::vector<std::string> decode_strings(ByteView bytes) {
  BinaryReader reader(bytes, "the catalog");
  std::vector<std::string> strings(reader.count(1));
  for (std::string& text : strings) {
    text = reader.string();
  }
  reader.expect_end();
  return strings;
}

Bytes encode_components(const std::vector<manifest::ComponentSummary>& components) {
  BinaryWriter writer;
  writer.varint(components.size());
  for (const manifest::ComponentSummary& component : components) {
    writer.string(component.kind);
    writer.string(component.name);
    writer.varint(component.bytes);
  }
  return writer.take();
}

std::vector<manifest::ComponentSummary> decode_components(ByteView bytes) {
  BinaryReader reader(bytes, "the catalog");
  std::vector<manifest::ComponentSummary> components(reader.count(3));
  for (manifest::ComponentSummary& component : components) {
    component.kind = reader.string();
    component.name = reader.string();
    component.bytes = reader.varint();
  }
  reader.expect_end();
  return components;
}

manifest::Summary summary_of(const sqlite::Statement& row) {
  return manifest::Summary{
      .id = id_of(row, 0),
      .sequence = unsigned_of(row.integer(1)),
      .created_at = Timestamp(std::chrono::nanoseconds(row.integer(2))),
      .trigger = string_of(row, 3),
      .project = string_of(row, 4),
      .worktree = string_of(row, 5),
      .branch = optional_of(row, 6),
      .commit = optional_of(row, 7),
      .dirty = row.integer(8) != 0,
      .state = string_of(row, 9),
      .bytes = unsigned_of(row.integer(10)),
      .bytes_added = unsigned_of(row.integer(11)),
      .complete = row.integer(12) != 0,
      .components = decode_components(row.blob(13)),
      .marks = {.note = string_of(row, 14),
                .tags = decode_strings(row.blob(15)),
                .pinned = row.integer(16) != 0},
  };
}

} // namespace

Catalog::Catalog(sqlite::Connection connection) : connection_(std::move(connection)) {
  connection_.set_busy_timeout(k_patience);
  // TRUNCATE with NORMAL is two flushes a commit. A power cut may undo the last commit, which is
  // noticed like any other change of the directories.
  connection_.execute("PRAGMA journal_mode=TRUNCATE; PRAGMA synchronous=NORMAL;"
                      "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-8192;");
}

Catalog Catalog::open(const std::filesystem::path& file, std::string_view store_id) {
  Catalog catalog(sqlite::Connection(file, sqlite::OpenMode::read_write));
  if (catalog.connection_.query_integer("PRAGMA user_version") != k_version) {
    throw CorruptionError("the catalog is of another version");
  }
  if (catalog.note(k_store_note) != store_id) {
    throw CorruptionError("the catalog is that of another store");
  }
  return catalog;
}

Catalog Catalog::create(const std::filesystem::path& file, std::string_view store_id) {
  Catalog catalog(sqlite::Connection(file, sqlite::OpenMode::create));
  sqlite::Transaction transaction(catalog.connection_, sqlite::Transaction::Kind::write);
  catalog.connection_.execute(k_tables);
  catalog.set_note(k_store_note, store_id);
  catalog.connection_.execute("PRAGMA user_version=" + std::to_string(k_version));
  transaction.commit();
  return catalog;
}

void Catalog::clear(std::string_view store_id) {
  connection_.execute("DELETE FROM notes; DELETE FROM packs; DELETE FROM chunks;"
                      "DELETE FROM snapshots;");
  set_note(k_store_note, store_id);
}

std::string Catalog::note(std::string_view key) {
  sqlite::Statement query = connection_.prepare("SELECT value FROM notes WHERE key = ?1");
  query.bind(1, key);
  return query.step() ? std::string(query.text(0)) : std::string();
}

void Catalog::set_note(std::string_view key, std::string_view value) {
  connection_.prepare("INSERT OR REPLACE INTO notes(key, value) VALUES(?1, ?2)")
      .bind(1, key)
      .bind(2, value)
      .run();
}

bool Catalog::has_chunks() {
  return connection_.query_integer("SELECT EXISTS(SELECT 1 FROM chunks)") != 0;
}

std::vector<hash::Digest> Catalog::packs_with(const hash::Digest& id) {
  if (!lookup_) {
    lookup_ = connection_.prepare("SELECT packs.name FROM chunks JOIN packs ON number = pack "
                                  "WHERE digest = ?1 ORDER BY pack DESC");
  }
  std::vector<hash::Digest> names;
  lookup_->bind(1, id.view());
  while (lookup_->step()) {
    names.push_back(digest_of(*lookup_, 0));
  }
  lookup_->reset(); // or the read lock would stay
  return names;
}

std::vector<hash::Digest> Catalog::packs() {
  std::vector<hash::Digest> names;
  sqlite::Statement query = connection_.prepare("SELECT name FROM packs ORDER BY name");
  while (query.step()) {
    names.push_back(digest_of(query, 0));
  }
  return names;
}

std::int64_t Catalog::add_pack(const hash::Digest& name, std::uint64_t size) {
  connection_.prepare("INSERT OR IGNORE INTO packs(name, size) VALUES(?1, ?2)")
      .bind(1, name.view())
      .bind(2, signed_of(size))
      .run();
  sqlite::Statement query = connection_.prepare("SELECT number FROM packs WHERE name = ?1");
  query.bind(1, name.view());
  if (!query.step()) {
    throw CorruptionError("the catalog is damaged: a pack just added is not there");
  }
  return query.integer(0);
}

void Catalog::add_chunks(std::vector<CatalogChunk>& chunks) {
  const auto by_id = [](const CatalogChunk& left, const CatalogChunk& right) {
    return left.id < right.id;
  };
  if (!std::is_sorted(chunks.begin(), chunks.end(), by_id)) {
    std::sort(chunks.begin(), chunks.end(), by_id);
  }
  sqlite::Statement insert =
      connection_.prepare("INSERT OR IGNORE INTO chunks(digest, pack) VALUES(?1, ?2)");
  for (const CatalogChunk& chunk : chunks) {
    insert.bind(1, chunk.id.view()).bind(2, chunk.pack).run();
  }
}

void Catalog::drop_packs(const std::vector<hash::Digest>& names) {
  if (names.empty()) {
    return;
  }
  sqlite::Statement drop = connection_.prepare("DELETE FROM packs WHERE name = ?1");
  for (const hash::Digest& name : names) {
    drop.bind(1, name.view()).run();
  }
  connection_.execute("DELETE FROM chunks WHERE pack NOT IN (SELECT number FROM packs)");
}

std::vector<manifest::Summary> Catalog::snapshots() {
  std::vector<manifest::Summary> summaries;
  sqlite::Statement query = connection_.prepare(
      "SELECT id, sequence, created_ns, \"trigger\", project, worktree, branch, \"commit\", dirty,"
      " state, bytes, bytes_added, complete, components, note, tags, pinned"
      " FROM snapshots ORDER BY sequence DESC, id DESC");
  while (query.step()) {
    summaries.push_back(summary_of(query));
  }
  return summaries;
}

std::vector<SnapshotId> Catalog::ids(std::string_view sql) {
  std::vector<SnapshotId> found;
  sqlite::Statement query = connection_.prepare(sql);
  while (query.step()) {
    found.push_back(id_of(query, 0));
  }
  return found;
}

std::vector<SnapshotId> Catalog::snapshot_ids() {
  return ids("SELECT id FROM snapshots ORDER BY id");
}

std::vector<SnapshotId> Catalog::marked_ids() {
  return ids("SELECT id FROM snapshots WHERE marked = 1 ORDER BY id");
}

std::optional<Catalog::Newest> Catalog::newest() {
  sqlite::Statement query = connection_.prepare(
      "SELECT id, sequence FROM snapshots ORDER BY sequence DESC, id DESC LIMIT 1");
  if (!query.step()) {
    return std::nullopt;
  }
  return Newest{id_of(query, 0), unsigned_of(query.integer(1))};
}

void Catalog::add_snapshot(const manifest::Summary& summary) {
  sqlite::Statement insert = connection_.prepare(
      "INSERT OR REPLACE INTO snapshots VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,"
      "?15,?16,?17,0)");
  insert.bind(1, std::string_view(summary.id.text()))
      .bind(2, signed_of(summary.sequence))
      .bind(3, summary.created_at.time_since_epoch().count())
      .bind(4, as_bytes(summary.trigger))
      .bind(5, as_bytes(summary.project))
      .bind(6, as_bytes(summary.worktree));
  bind_optional(insert, 7, summary.branch);
  bind_optional(insert, 8, summary.commit);
  insert.bind(9, std::int64_t{summary.dirty})
      .bind(10, as_bytes(summary.state))
      .bind(11, signed_of(summary.bytes))
      .bind(12, signed_of(summary.bytes_added))
      .bind(13, std::int64_t{summary.complete})
      .bind(14, encode_components(summary.components))
      .bind(15, as_bytes(summary.marks.note))
      .bind(16, encode_strings(summary.marks.tags))
      .bind(17, std::int64_t{summary.marks.pinned})
      .run();
}

void Catalog::drop_snapshot(const SnapshotId& id) {
  connection_.prepare("DELETE FROM snapshots WHERE id = ?1")
      .bind(1, std::string_view(id.text()))
      .run();
}

void Catalog::set_marks(const SnapshotId& id, const manifest::Marks& marks) {
  connection_
      .prepare("UPDATE snapshots SET note = ?2, tags = ?3, pinned = ?4, marked = 1 WHERE id = ?1")
      .bind(1, std::string_view(id.text()))
      .bind(2, as_bytes(marks.note))
      .bind(3, encode_strings(marks.tags))
      .bind(4, std::int64_t{marks.pinned})
      .run();
}

} // namespace savepoint::store
