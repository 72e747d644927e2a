#include "store/internal/catalog.hpp"

#include "base/error.hpp"
#include "fs/status.hpp"
#include "hash/checksum.hpp"
#include "store/internal/summary_bytes.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <tuple>

namespace savepoint::store {

namespace {

constexpr std::int64_t k_version = 1;
constexpr std::chrono::seconds k_patience{30};
constexpr std::string_view k_store_note = "store";
constexpr std::string_view k_tally_note = "tally";
constexpr std::string_view k_vanished_note = "vanished";

constexpr const char* k_tables = R"(
  CREATE TABLE notes(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE packs(number INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE, size INTEGER NOT NULL);
  CREATE TABLE chunks(digest BLOB NOT NULL, pack INTEGER NOT NULL, PRIMARY KEY(digest, pack))
    WITHOUT ROWID;
  CREATE TABLE snapshots(id TEXT PRIMARY KEY, sequence INTEGER NOT NULL, summary BLOB NOT NULL,
    marked INTEGER NOT NULL) WITHOUT ROWID;
  CREATE INDEX snapshots_by_sequence ON snapshots(sequence);
)";

constexpr std::size_t k_most_reserved = 1U << 20U; // whatever a damaged catalog says

std::int64_t signed_of(std::uint64_t number) {
  return static_cast<std::int64_t>(number);
}
std::uint64_t unsigned_of(std::int64_t number) {
  return static_cast<std::uint64_t>(number);
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

std::uint64_t number_in(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw CorruptionError("the catalog is damaged: its tally is no number");
  }
  return number;
}

} // namespace

std::uint64_t prefix_of(const hash::Digest& id) {
  std::uint64_t prefix = 0;
  for (const std::byte byte : id.view().first<sizeof prefix>()) {
    prefix = prefix << 8U | std::to_integer<std::uint64_t>(byte);
  }
  return prefix;
}

Catalog::Catalog(sqlite::Connection connection) : connection_(std::move(connection)) {
  connection_.set_busy_timeout(k_patience);
  // The journal is for processes that die. A power cut may leave anything: nothing that the catalog
  // says is believed without a look at packs or checksums, so flushing it would buy nothing.
  connection_.execute("PRAGMA journal_mode=TRUNCATE; PRAGMA synchronous=OFF;"
                      "PRAGMA cell_size_check=ON; PRAGMA temp_store=MEMORY;"
                      "PRAGMA cache_size=-8192;");
}

Catalog Catalog::open(const std::filesystem::path& file, std::string_view store_id) {
  Catalog catalog(sqlite::Connection(file, sqlite::OpenMode::read_write));
  sqlite::Connection& connection = catalog.connection_;
  if (connection.query_integer("PRAGMA user_version") != k_version) {
    throw CorruptionError("the catalog is of another version");
  }
  if (catalog.note(k_store_note) != store_id) {
    throw CorruptionError("the catalog is that of another store");
  }
  // SQLite takes what is missing of the last page for zeros.
  const std::uint64_t expected = unsigned_of(connection.query_integer("PRAGMA page_count") *
                                             connection.query_integer("PRAGMA page_size"));
  const std::optional<fs::FileStatus> status = fs::status(file);
  if (!status || status->size < expected) {
    throw CorruptionError("the catalog is cut short");
  }
  return catalog;
}

Catalog Catalog::create(const std::filesystem::path& file, std::string_view store_id) {
  return create(Catalog(sqlite::Connection(file, sqlite::OpenMode::create)), store_id);
}

Catalog Catalog::create_in_memory(std::string_view store_id) {
  return create(Catalog(sqlite::Connection::in_memory()), store_id);
}

Catalog Catalog::create(Catalog catalog, std::string_view store_id) {
  sqlite::Transaction transaction(catalog.connection_, sqlite::Transaction::Kind::write);
  catalog.connection_.execute(k_tables);
  catalog.set_note(k_store_note, store_id);
  catalog.connection_.execute("PRAGMA user_version=" + std::to_string(k_version));
  transaction.commit();
  return catalog;
}

void Catalog::clear(std::string_view store_id) {
  connection_.execute(
      "DELETE FROM notes WHERE key <> 'vanished'; DELETE FROM packs; DELETE FROM chunks;"
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

std::vector<SnapshotId> Catalog::vanished() {
  std::vector<SnapshotId> ids;
  const std::string text = note(k_vanished_note);
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view word = rest.substr(0, rest.find(' '));
    if (const auto id = SnapshotId::parse(word)) {
      ids.push_back(*id);
    }
    rest.remove_prefix(std::min(word.size() + 1, rest.size()));
  }
  return ids;
}

void Catalog::add_vanished(const std::vector<SnapshotId>& ids) {
  if (ids.empty()) {
    return;
  }
  std::vector<SnapshotId> all = vanished();
  all.insert(all.end(), ids.begin(), ids.end());
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  std::string text;
  for (const SnapshotId& id : all) {
    text += (text.empty() ? "" : " ") + id.text();
  }
  set_note(k_vanished_note, text);
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

std::uint64_t Catalog::most_chunks() {
  return unsigned_of(connection_.query_integer("PRAGMA page_count") *
                     connection_.query_integer("PRAGMA page_size")) /
         sizeof(hash::Digest);
}

std::vector<std::uint64_t> Catalog::chunk_prefixes() {
  std::vector<std::uint64_t> prefixes;
  sqlite::Statement query = connection_.prepare("SELECT digest FROM chunks ORDER BY digest");
  while (query.step()) {
    prefixes.push_back(prefix_of(digest_of(query, 0)));
  }
  return prefixes;
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

// How many snapshots there should be, what their checksums come to, and which is the newest.
struct Catalog::Tally {
  std::uint64_t count = 0;
  std::uint64_t checksums = 0; // all of them, xored
  std::string newest;
};

Catalog::Tally Catalog::tally() {
  const std::string text = note(k_tally_note);
  if (text.empty()) {
    return {};
  }
  const std::size_t first = text.find(' ');
  const std::size_t second = text.find(' ', first + 1);
  if (first == std::string::npos || second == std::string::npos) {
    throw CorruptionError("the catalog is damaged: its tally is incomplete");
  }
  const std::string_view view = text;
  return {number_in(view.substr(0, first)), number_in(view.substr(first + 1, second - first - 1)),
          text.substr(second + 1)};
}

void Catalog::set_tally(const Tally& tally) {
  set_note(k_tally_note, std::to_string(tally.count) + " " + std::to_string(tally.checksums) + " " +
                             tally.newest);
}

std::vector<manifest::Summary> Catalog::snapshots() {
  const Tally expected = tally();
  std::vector<manifest::Summary> summaries;
  summaries.reserve(std::min<std::size_t>(expected.count, k_most_reserved));
  std::uint64_t checksums = 0;
  // Ids begin with the time: this is all but their order.
  sqlite::Statement query = connection_.prepare("SELECT summary FROM snapshots ORDER BY id DESC");
  while (query.step()) {
    checksums ^= hash::checksum64(query.blob(0));
    summaries.push_back(decode_summary(query.blob(0)));
  }
  if (summaries.size() != expected.count || checksums != expected.checksums) {
    throw CorruptionError("the catalog is damaged: its snapshots do not add up");
  }
  const auto is_newer = [](const manifest::Summary& left, const manifest::Summary& right) {
    return std::tie(left.sequence, left.id) > std::tie(right.sequence, right.id);
  };
  if (!std::ranges::is_sorted(summaries, is_newer)) {
    std::ranges::sort(summaries, is_newer);
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

std::optional<manifest::Summary>
Catalog::find_newest(const std::function<bool(const manifest::Summary&)>& fits) {
  sqlite::Statement query = connection_.prepare(
      "SELECT sequence, summary FROM snapshots ORDER BY sequence DESC, id DESC");
  bool is_first = true;
  while (query.step()) {
    manifest::Summary summary = decode_summary(query.blob(1));
    if (unsigned_of(query.integer(0)) != summary.sequence) {
      throw CorruptionError("the catalog is damaged: its snapshots are out of order");
    }
    if (is_first) {
      require_newest(summary.id.text());
      is_first = false;
    }
    if (fits(summary)) {
      return summary;
    }
  }
  if (is_first) {
    require_newest({});
  }
  return std::nullopt;
}

std::optional<manifest::Summary> Catalog::newest() {
  return find_newest([](const manifest::Summary&) { return true; });
}

void Catalog::require_newest(std::string_view id) {
  if (tally().newest != id) {
    throw CorruptionError("the catalog is damaged: its newest snapshot is another");
  }
}

struct Catalog::Row {
  manifest::Summary summary;
  std::uint64_t checksum = 0;
};

std::optional<Catalog::Row> Catalog::row(const SnapshotId& id) {
  sqlite::Statement query = connection_.prepare("SELECT summary FROM snapshots WHERE id = ?1");
  query.bind(1, std::string_view(id.text()));
  if (!query.step()) {
    return std::nullopt;
  }
  return Row{decode_summary(query.blob(0)), hash::checksum64(query.blob(0))};
}

void Catalog::put_row(const manifest::Summary& summary, Marked marked) {
  drop_snapshot(summary.id);
  Tally now = tally();
  const std::optional<manifest::Summary> before = newest();
  const Bytes encoded = encode_summary(summary);
  connection_.prepare("INSERT INTO snapshots(id, sequence, summary, marked) VALUES(?1,?2,?3,?4)")
      .bind(1, std::string_view(summary.id.text()))
      .bind(2, signed_of(summary.sequence))
      .bind(3, encoded)
      .bind(4, std::int64_t{marked == Marked::yes})
      .run();
  ++now.count;
  now.checksums ^= hash::checksum64(encoded);
  if (!before || std::tie(before->sequence, before->id) < std::tie(summary.sequence, summary.id)) {
    now.newest = summary.id.text();
  }
  set_tally(now);
}

void Catalog::add_snapshot(const manifest::Summary& summary) {
  put_row(summary, Marked::no);
}

void Catalog::drop_snapshot(const SnapshotId& id) {
  const std::optional<Row> dropped = row(id);
  if (!dropped) {
    return;
  }
  connection_.prepare("DELETE FROM snapshots WHERE id = ?1")
      .bind(1, std::string_view(id.text()))
      .run();
  Tally now = tally();
  --now.count;
  now.checksums ^= dropped->checksum;
  const std::vector<SnapshotId> newest_first =
      ids("SELECT id FROM snapshots ORDER BY sequence DESC, id DESC LIMIT 1");
  now.newest = newest_first.empty() ? "" : newest_first.front().text();
  set_tally(now);
}

void Catalog::set_marks(const SnapshotId& id, const manifest::Marks& marks) {
  if (std::optional<Row> found = row(id)) {
    found->summary.marks = marks;
    put_row(found->summary, Marked::yes);
  }
}

} // namespace savepoint::store
