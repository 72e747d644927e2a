#include "drivers/postgres/internal/table_rows.hpp"

#include "fs/files.hpp"
#include "fs/tree_writer.hpp"

#include <cstdlib>

#include <unistd.h>

namespace savepoint::drivers::postgres {

namespace {

constexpr std::size_t k_piece = std::size_t{256} << 10U;

/// "('a'::regclass, …)" for the tables that exist.
std::string oids_of(const std::vector<TableId>& tables) {
  std::string list;
  for (const TableId& table : tables) {
    list += (list.empty() ? "" : ", ") + quote_text(full_name(table)) + "::regclass";
  }
  return "(" + list + ")";
}

} // namespace

RowFile::RowFile(const std::filesystem::path& directory) : directory_(directory) {
  const std::string name = ".savepoint-rows-" + random_hex(16);
  const fs::Descriptor parent = fs::open_directory(directory);
  file_ = fs::create_file_at(parent, name.c_str(), 0600);
  static_cast<void>(unlinkat(parent.number(), name.c_str(), 0));
}

void RowFile::add(ByteView bytes) {
  fs::write_all(file_, bytes, directory_);
}

void RowFile::read(const Session::Put& put) const {
  Bytes piece(k_piece);
  static_cast<void>(lseek(file_.number(), 0, SEEK_SET));
  while (const std::size_t got = fs::read_some(file_, piece, directory_)) {
    put(ByteView(piece).first(got));
  }
}

Unchained::Unchained(Session& session, const std::vector<TableId>& tables) {
  if (tables.empty()) {
    return;
  }
  const std::string oids = oids_of(tables);
  const Rows keys = session.query("SELECT conrelid::regclass::text, conname, "
                                  "pg_get_constraintdef(oid) FROM pg_constraint WHERE "
                                  "contype = 'f' AND conparentid = 0 AND (conrelid IN " +
                                  oids + " OR confrelid IN " + oids + ") ORDER BY 1, 2");
  for (int row = 0; row < keys.count(); ++row) {
    const std::string constraint =
        "ALTER TABLE " + keys.text(row, 0) + " %s CONSTRAINT " + quote_name(keys.text(row, 1));
    std::string drop = constraint;
    std::string add = constraint + " " + keys.text(row, 2);
    session.execute(drop.replace(drop.find("%s"), 2, "DROP"));
    back_.push_back(add.replace(add.find("%s"), 2, "ADD"));
  }
  const Rows triggers = session.query(
      "SELECT tgrelid::regclass::text, tgname, CASE tgenabled WHEN 'A' THEN ' ENABLE ALWAYS' WHEN "
      "'R' THEN ' ENABLE REPLICA' ELSE ' ENABLE' END FROM pg_trigger WHERE NOT tgisinternal AND "
      "tgenabled <> 'D' AND tgrelid IN " +
      oids);
  for (int row = 0; row < triggers.count(); ++row) {
    const std::string table = "ALTER TABLE " + triggers.text(row, 0);
    const std::string trigger = " TRIGGER " + quote_name(triggers.text(row, 1));
    session.execute(table + " DISABLE" + trigger);
    back_.push_back(table + triggers.text(row, 2) + trigger);
  }
}

void Unchained::restore(Session& session) const {
  for (const std::string& statement : back_) {
    session.execute(statement);
  }
}

void advance_sequences(Session& session, const std::vector<TableId>& tables) {
  if (tables.empty()) {
    return;
  }
  const Rows owned = session.query(
      "SELECT s.seqrelid::regclass::text, d.refobjid::regclass::text, a.attname FROM pg_sequence s "
      "JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.seqrelid AND "
      "d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') JOIN pg_attribute a ON "
      "a.attrelid = d.refobjid AND a.attnum = d.refobjsubid WHERE s.seqincrement > 0 AND "
      "d.refobjid IN " +
      oids_of(tables));
  for (int row = 0; row < owned.count(); ++row) {
    const std::string sequence = owned.text(row, 0);
    const std::string largest =
        "(SELECT max(" + quote_name(owned.text(row, 2)) + ") FROM " + owned.text(row, 1) + ")";
    (void)session.query("SELECT setval(" + quote_text(sequence) + ", " + largest + ") FROM " +
                        sequence + " WHERE " + largest + " > last_value");
  }
}

std::string full_name(const TableId& table) {
  return quote_name(table.first) + "." + quote_name(table.second);
}

} // namespace savepoint::drivers::postgres
