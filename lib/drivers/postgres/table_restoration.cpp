#include "drivers/postgres/internal/table_restoration.hpp"

#include "base/printable.hpp"
#include "drivers/postgres/internal/capture.hpp"
#include "drivers/postgres/internal/summary.hpp"
#include "drivers/postgres/internal/table_rows.hpp"

#include <algorithm>

namespace savepoint::drivers::postgres {

namespace {

/// What of a table besides its rows comes back with it when it has to be made.
bool belongs_to_table(const ArchiveEntry& entry) {
  static const std::set<std::string> k_kinds{
      "DEFAULT",       "SEQUENCE", "SEQUENCE OWNED BY", "CONSTRAINT", "CHECK CONSTRAINT",
      "FK CONSTRAINT", "INDEX",    "TRIGGER",           "RULE",       "COMMENT",
      "STATISTICS",    "POLICY",   "ROW SECURITY"};
  return k_kinds.contains(entry.kind);
}

bool depends_on(const ArchiveEntry& entry, const std::set<std::int64_t>& ids) {
  return std::ranges::any_of(entry.dependencies, [&](std::int64_t id) { return ids.contains(id); });
}

struct Wanted {
  TableId table;    ///< As the archive has it, in its encoding.
  std::string name; ///< As the manifest has it.
  std::uint64_t rows = 0;
  bool is_made = false; ///< By us: it was not there.
  std::string copy;
  std::unique_ptr<RowFile> fresh;
  std::unique_ptr<RowFile> old;
};

class TableRestoration final : public database::Restoration, private ArchiveReader {
public:
  TableRestoration(RestoreRequest request, const manifest::DatabaseComponent& expected)
      : request_(std::move(request)), encoding_(encoding_of(expected.details)) {
    for (const std::string& name : request_.options.tables) {
      require_table(expected, name);
    }
    Session probe(request_.access, request_.access.database); // so trouble shows before the work
  }

  void write(ByteView bytes) override {
    if (head_) {
      data_->pass(bytes);
      return;
    }
    first_.insert(first_.end(), bytes.begin(), bytes.end());
    if (first_.size() >= next_try_) {
      next_try_ = first_.size() * 2;
      begin();
    }
  }

  void check(const manifest::DatabaseComponent& expected) override {
    if (!head_) {
      begin();
    }
    if (!head_) {
      throw CorruptionError("the archive of a PostgreSQL database is damaged: it ends too early");
    }
    data_->expect_complete();
    for (const Wanted& wanted : wanted_) {
      const auto table = std::ranges::find(expected.tables, wanted.name, &manifest::Table::name);
      if (table == expected.tables.end() || table->rows != wanted.rows) {
        throw CorruptionError("the table " + quoted(wanted.name) + " has " +
                              std::to_string(wanted.rows) +
                              " rows in the archive, and not what the snapshot says");
      }
    }
  }

  [[nodiscard]] std::unique_ptr<database::Capture> hold() override {
    drop_session();
    look_for_tables();
    open_session("BEGIN ISOLATION LEVEL REPEATABLE READ");
    lock("SHARE ROW EXCLUSIVE");
    session_->execute("SET client_encoding = 'UTF8'");
    return capture_transaction(session_,
                               {request_.target, request_.access, request_.options.scratch,
                                request_.options.wait, request_.cancellation, request_.versions});
  }

  void swap() override {
    if (session_ == nullptr) {
      look_for_tables();
      open_session("BEGIN");
    }
    speak_as_archive(*session_);
    lock("ACCESS EXCLUSIVE");
    try {
      exchange();
      session_->execute("COMMIT");
    } catch (const ServerError& error) {
      drop_session();
      throw DatabaseError("cannot restore the tables: " + std::string(error.what()),
                          "restore the whole database, or the tables that belong together");
    }
    drop_session();
  }

  void undo() override {
    open_session("BEGIN");
    std::vector<TableId> kept;
    for (const Wanted& wanted : wanted_) {
      if (wanted.is_made) {
        session_->execute("DROP TABLE " + full_name(wanted.table));
      } else {
        kept.push_back(wanted.table);
      }
    }
    replace(kept, [this](const Wanted& wanted) {
      // By the columns that the table has, as it was copied, and not by those of the snapshot.
      fill("COPY " + full_name(wanted.table) + " FROM STDIN", *wanted.old);
    });
    session_->execute("COMMIT");
    drop_session();
  }

  void close() override { drop_session(); }

private:
  void data(const ArchiveEntry& entry, std::uint64_t, ByteView bytes) override {
    if (Wanted* wanted = find(entry)) {
      wanted->fresh->add(bytes);
      wanted->rows += static_cast<std::uint64_t>(std::ranges::count(bytes, std::byte{'\n'}));
    }
  }
  void end_of_data(const ArchiveEntry& entry, std::uint64_t) override {
    if (Wanted* wanted = find(entry)) {
      constexpr std::uint64_t k_lines_at_end = 3;
      wanted->rows -= std::min(wanted->rows, k_lines_at_end);
    }
  }

  Wanted* find(const ArchiveEntry& entry) {
    const auto found = std::ranges::find_if(wanted_, [&](const Wanted& wanted) {
      return entry.kind == "TABLE DATA" && entry.schema == wanted.table.first &&
             entry.tag == wanted.table.second;
    });
    return found == wanted_.end() ? nullptr : &*found;
  }

  static void require_table(const manifest::DatabaseComponent& expected, const std::string& name) {
    std::string has;
    for (const manifest::Table& table : expected.tables) {
      if (is_called(table.name, name)) {
        return;
      }
      has += (has.empty() ? "" : ", ") + table.name;
    }
    throw NotFoundError("the snapshot has no table " + quoted(name),
                        has.empty() ? "it has none" : "it has: " + has);
  }

  /// `asked` may leave out the quotes, and may give `public`.
  static bool is_called(const std::string& table, const std::string& asked) {
    return table == asked || table == quote_name(asked) || "public." + table == asked;
  }

  void begin() {
    head_ = first_.empty() ? std::nullopt : parse_head(first_);
    if (!head_) {
      return;
    }
    Session session(request_.access, request_.access.database);
    for (const ArchiveEntry& entry : head_->entries) {
      if (entry.kind != "TABLE DATA") {
        continue;
      }
      const std::string name = table_name(in_utf8(session, entry.schema, encoding_),
                                          in_utf8(session, entry.tag, encoding_));
      if (std::ranges::any_of(request_.options.tables,
                              [&](const std::string& asked) { return is_called(name, asked); })) {
        wanted_.push_back({.table = {entry.schema, entry.tag},
                           .name = name,
                           .copy = entry.copy,
                           .fresh = std::make_unique<RowFile>(request_.options.scratch),
                           .old = nullptr});
      }
    }
    data_.emplace(*head_, static_cast<ArchiveReader&>(*this));
    data_->pass(ByteView(first_).subspan(head_->size));
    first_ = {};
  }

  void open_session(const std::string& begin) {
    session_ = std::make_shared<Session>(request_.access, request_.access.database);
    speak_as_archive(*session_);
    session_->execute(begin);
  }

  /// Its names, rows and statements are in the encoding of its database.
  void speak_as_archive(Session& session) const {
    if (!encoding_.empty()) {
      session.execute("SET client_encoding = " + quote_text(encoding_));
    }
  }

  /// Which tables are there. Not asked in the session that works: the first query fixes what a
  /// transaction sees, and that must come after its locks.
  void look_for_tables() {
    Session other(request_.access, request_.access.database);
    speak_as_archive(other);
    for (Wanted& wanted : wanted_) {
      wanted.is_made =
          other.query("SELECT to_regclass($1)", {full_name(wanted.table)}).is_null(0, 0);
    }
  }

  void drop_session() {
    if (session_ != nullptr) {
      session_->close();
      session_.reset();
    }
  }

  [[nodiscard]] std::vector<TableId> present() const {
    std::vector<TableId> tables;
    for (const Wanted& wanted : wanted_) {
      if (!wanted.is_made) {
        tables.push_back(wanted.table);
      }
    }
    return tables;
  }

  void lock(const std::string& mode) {
    std::string list;
    for (const TableId& table : present()) {
      list += (list.empty() ? "" : ", ") + ("ONLY " + full_name(table));
    }
    if (list.empty()) {
      return;
    }
    const auto wait = std::max<std::int64_t>(1, request_.options.wait.count());
    try {
      session_->execute("SET LOCAL lock_timeout = " + std::to_string(wait) + "; LOCK TABLE " +
                        list + " IN " + mode + " MODE");
    } catch (const ServerError& error) {
      drop_session();
      if (error.state() == k_lock_not_available) {
        throw BusyError("others use the tables", "try again when they are done");
      }
      throw;
    }
  }

  void exchange() {
    const std::vector<TableId> tables = present();
    for (Wanted& wanted : wanted_) {
      if (!wanted.is_made && wanted.old == nullptr) {
        wanted.old = std::make_unique<RowFile>(request_.options.scratch);
        session_->copy_out("COPY " + full_name(wanted.table) + " TO STDOUT",
                           [&](ByteView bytes) { wanted.old->add(bytes); });
      }
    }
    replace(tables, [this](const Wanted& wanted) { fill(wanted.copy, *wanted.fresh); });
    make_missing();
  }

  /// Exchanges the rows of tables that exist for what `refill` puts into each.
  template <typename Refill> void replace(const std::vector<TableId>& tables, Refill refill) {
    if (tables.empty()) {
      return;
    }
    const Unchained unchained(*session_, tables);
    std::string list;
    for (const TableId& table : tables) {
      list += (list.empty() ? "" : ", ") + ("ONLY " + full_name(table));
    }
    session_->execute("TRUNCATE TABLE " + list);
    for (const Wanted& wanted : wanted_) {
      if (!wanted.is_made) {
        refill(wanted);
      }
    }
    unchained.restore(*session_);
    advance_sequences(*session_, tables);
  }

  void fill(const std::string& copy, const RowFile& rows) {
    session_->copy_in(copy, [&](const Session::Put& put) { rows.read(put); });
  }

  /// Runs what the archive says of tables that are not there, in its order.
  void make_missing() {
    std::set<std::int64_t> ids;
    for (const ArchiveEntry& entry : head_->entries) {
      const bool is_wanted = std::ranges::any_of(wanted_, [&](const Wanted& wanted) {
        return wanted.is_made && entry.kind == "TABLE" &&
               wanted.table == TableId(entry.schema, entry.tag);
      });
      if (is_wanted) {
        ids.insert(entry.id);
      }
    }
    std::set<std::int64_t> parts = ids;
    for (const ArchiveEntry& entry : head_->entries) {
      const bool is_of_part = entry.kind == "SEQUENCE OWNED BY" || entry.kind == "SEQUENCE SET";
      if ((is_of_part && depends_on(entry, parts)) ||
          (belongs_to_table(entry) && depends_on(entry, ids) && is_table_there(entry))) {
        parts.insert(entry.id);
      }
    }
    for (const ArchiveEntry& entry : head_->entries) {
      Wanted* wanted = find(entry);
      if (wanted != nullptr && wanted->is_made) {
        fill(wanted->copy, *wanted->fresh);
      } else if (parts.contains(entry.id)) {
        session_->execute(entry.definition);
      }
    }
  }

  /// Foreign keys of other tables to one that is made come back too, if those tables are there.
  [[nodiscard]] bool is_table_there(const ArchiveEntry& entry) {
    constexpr std::string_view k_before = "ALTER TABLE ONLY ";
    if (entry.kind != "FK CONSTRAINT" || !entry.definition.starts_with(k_before)) {
      return true;
    }
    const std::string table =
        entry.definition.substr(k_before.size(), entry.definition.find('\n') - k_before.size());
    return std::ranges::any_of(wanted_,
                               [&](const Wanted& wanted) {
                                 return wanted.is_made &&
                                        entry.tag.starts_with(wanted.table.second + " ") &&
                                        entry.schema == wanted.table.first;
                               }) ||
           !session_->query("SELECT to_regclass($1)", {table}).is_null(0, 0);
  }

  static constexpr std::size_t k_first_try = 4096;

  RestoreRequest request_;
  std::string encoding_;
  Bytes first_; // until the head is complete
  std::size_t next_try_ = k_first_try;
  std::optional<ArchiveHead> head_;
  std::optional<ArchiveData> data_;
  std::vector<Wanted> wanted_;
  std::shared_ptr<Session> session_; ///< In a transaction, if there is one.
};

} // namespace

std::unique_ptr<database::Restoration>
open_table_restoration(RestoreRequest request, const manifest::DatabaseComponent& expected) {
  return std::make_unique<TableRestoration>(std::move(request), expected);
}

} // namespace savepoint::drivers::postgres
