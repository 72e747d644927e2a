#include "drivers/mariadb/internal/scratch.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "drivers/mariadb/internal/foreign_keys.hpp"
#include "drivers/mariadb/internal/sql_text.hpp"

#include <algorithm>
#include <array>
#include <random>
#include <set>

namespace savepoint::drivers::mariadb {

namespace {

constexpr std::size_t k_id_length = 16;
constexpr int k_turns = 20; // of a tenth of a second
constexpr std::string_view k_digits = "0123456789abcdef";
constexpr std::array<std::string_view, 3> k_prefixes{"savepoint_new_", "savepoint_old_",
                                                     "savepoint_rehearsal_"};

std::string random_id() {
  std::random_device random;
  std::string id;
  while (id.size() < k_id_length) {
    id += k_digits[random() & 15U];
  }
  return id;
}

bool has_table(Session& session, const std::string& schema, const std::string& table) {
  return session
      .value("SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = " + literal(schema) +
             " AND TABLE_NAME = " + literal(table))
      .has_value();
}

bool has_schema(Session& session, const std::string& schema) {
  return schema_info(session, schema).has_value();
}

std::vector<StoredObject> recorded(Session& session, const ScratchNames& names,
                                   std::string_view side) {
  std::vector<StoredObject> objects;
  for (std::vector<Cell>& row : session.query("SELECT kind, name, tbl, prologue, statement FROM " +
                                              name_of(names.fresh(), names.objects_table()) +
                                              " WHERE side = " + literal(side) + " ORDER BY n")) {
    objects.push_back({row[0].value_or(""), row[1].value_or(""), row[2].value_or(""),
                       row[3].value_or(""), row[4].value_or("")});
  }
  return objects;
}

void write_objects(Session& session, const ScratchNames& names, std::string_view side,
                   const std::vector<StoredObject>& objects) {
  for (std::size_t i = 0; i < objects.size(); ++i) {
    const StoredObject& object = objects[i];
    std::string sql = "INSERT INTO " + name_of(names.fresh(), names.objects_table()) + " VALUES (" +
                      std::to_string(i) + ", " + literal(side);
    for (const std::string& part :
         {object.kind, object.name, object.table, object.prologue, object.statement}) {
      sql += ", _binary";
      append_literal(sql, part);
    }
    session.execute(sql + ")");
  }
}

/// The ids in the names of schemas that look like ours.
std::set<std::string> ids_on_server(Session& session) {
  std::set<std::string> ids;
  for (const std::string& name : session.list("SHOW DATABASES LIKE 'savepoint\\_%'")) {
    for (const std::string_view prefix : k_prefixes) {
      const std::string id = name.starts_with(prefix) ? name.substr(prefix.size()) : "";
      if (id.size() == k_id_length && id.find_first_not_of(k_digits) == std::string::npos) {
        ids.insert(id);
      }
    }
  }
  return ids;
}

bool is_empty(Session& session, const std::string& schema) {
  return !session
              .value("SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = " +
                     literal(schema) + " LIMIT 1")
              .has_value();
}

/// Whether what has the names was made by us: it is marked, or nothing is in it.
bool is_marked(Session& session, const ScratchNames& names) {
  const auto fits = [&](const std::string& schema) {
    return has_table(session, schema, names.state_table()) || is_empty(session, schema);
  };
  return fits(names.fresh()) && fits(names.rehearsal()) &&
         (is_empty(session, names.old()) || has_table(session, names.old(), names.witness()));
}

/// The database for which something was going to be done.
std::optional<std::string> recorded_target(Session& session, const ScratchNames& names) {
  if (!has_table(session, names.fresh(), names.state_table())) {
    return std::nullopt;
  }
  return session.value("SELECT target FROM " + name_of(names.fresh(), names.state_table()));
}

/// What stands in the database itself under names of ours.
void drop_ours_in_target(Session& session, const ScratchNames& names) {
  const auto target = recorded_target(session, names);
  for (const std::string& table :
       session.list("SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = " +
                    literal(target.value_or("")) + " AND TABLE_NAME LIKE " +
                    literal("%" + names.id() + "%"))) {
    if (names.is_ours(table)) {
      session.execute("DROP TABLE IF EXISTS " + name_of(*target, table));
    }
  }
}

/// Takes a lock if its owner is gone. The session of a process that was killed lives on until its
/// statement has ended; one that waits for its next statement has an owner.
bool take_over(Session& session, const std::string& lock) {
  for (int turn = 0; turn < k_turns; ++turn) {
    if (session.value("SELECT GET_LOCK(" + literal(lock) + ", 0.1)") == "1") {
      return true;
    }
    if (session.value(
            "SELECT COMMAND FROM information_schema.PROCESSLIST WHERE ID = IS_USED_LOCK(" +
            literal(lock) + ")") == "Sleep") {
      return false;
    }
  }
  return false;
}

void give_back(Session& session, const std::string& lock) {
  session.execute("DO RELEASE_LOCK(" + literal(lock) + ")");
}

void sweep_one(Session& session, const ScratchNames& names) {
  if (!take_over(session, names.lock())) {
    return;
  }
  if (take_over(session, names.exchange_lock())) {
    if (is_marked(session, names)) {
      settle(session, names);
      discard(session, names);
    }
    give_back(session, names.exchange_lock());
  }
  give_back(session, names.lock());
}

} // namespace

ScratchNames::ScratchNames() : id_(random_id()) {}

bool ScratchNames::is_ours(std::string_view table) const {
  return table == state_table() || table == objects_table() || table == witness() ||
         table == gate() || table == open_gate() || table.starts_with(lock() + "_");
}

void claim(Session& session, const ScratchNames& names) {
  if (session.value("SELECT GET_LOCK(" + literal(names.lock()) + ", 0)").value_or("0") != "1") {
    throw BusyError("cannot take the lock " + quoted(names.lock()) + " on the server");
  }
}

void make_scratch(Session& session, const ScratchNames& names, const std::string& schema,
                  const SchemaInfo& info) {
  session.execute("CREATE DATABASE " + name_of(schema) + " CHARACTER SET " + name_of(info.charset) +
                  " COLLATE " + name_of(info.collation));
  try {
    session.execute("CREATE TABLE " + name_of(schema, names.state_table()) +
                    " (target VARBINARY(1024), owner INT, made_target INT) ENGINE=InnoDB");
    session.execute("CREATE TABLE " + name_of(schema, names.objects_table()) +
                    " (n INT, side VARCHAR(10), kind VARBINARY(64), name VARBINARY(1024), tbl "
                    "VARBINARY(1024), prologue LONGBLOB, statement LONGBLOB) ENGINE=InnoDB");
    session.execute("CREATE TABLE " + name_of(schema, names.witness()) + " (n INT) ENGINE=InnoDB");
  } catch (const Error&) { // a full disk lets schemas be made, but no tables
    static_cast<void>(session.attempt("DROP DATABASE IF EXISTS " + name_of(schema)));
    throw;
  }
}

void record(Session& session, const ScratchNames& names, const Intention& intention) {
  const SchemaInfo info = schema_info(session, names.fresh()).value_or(SchemaInfo{});
  session.execute("CREATE DATABASE IF NOT EXISTS " + name_of(names.old()) + " CHARACTER SET " +
                  name_of(info.charset) + " COLLATE " + name_of(info.collation));
  session.execute("DELETE FROM " + name_of(names.fresh(), names.state_table()));
  session.execute("DELETE FROM " + name_of(names.fresh(), names.objects_table()));
  session.execute("START TRANSACTION");
  write_objects(session, names, "before", intention.before);
  write_objects(session, names, "after", intention.after);
  std::vector<StoredObject> defaults;
  for (const std::string& statement : intention.defaults) {
    defaults.push_back({"DEFAULT", {}, {}, {}, statement});
  }
  write_objects(session, names, "defaults", defaults);
  write_objects(session, names, "keys", intention.keys);
  session.execute("INSERT INTO " + name_of(names.fresh(), names.state_table()) +
                  " VALUES (_binary" + literal(intention.target) + ", " +
                  std::to_string(intention.owner == Owner::keep ? 1 : 0) + ", " +
                  std::to_string(intention.made_target ? 1 : 0) + ")");
  session.execute("COMMIT");
}

bool is_exchanged(Session& session, const ScratchNames& names) {
  return has_table(session, names.old(), names.witness());
}

void settle(Session& session, const ScratchNames& names) {
  if (!has_table(session, names.fresh(), names.state_table())) {
    return;
  }
  const Rows state = session.query("SELECT target, owner, made_target FROM " +
                                   name_of(names.fresh(), names.state_table()));
  if (state.empty()) {
    return; // nothing was going to be done yet
  }
  const std::string target = state[0][0].value_or("");
  const Owner owner = state[0][1] == "1" ? Owner::keep : Owner::strip;
  if (!has_schema(session, target)) {
    return;
  }
  const bool exchanged = is_exchanged(session, names);
  if (exchanged) {
    for (const StoredObject& fix : recorded(session, names, "defaults")) {
      session.execute(fix.statement);
    }
  }
  settle_objects(session, target, recorded(session, names, exchanged ? "after" : "before"), owner);
  if (!exchanged && state[0][2] == "1" && is_empty(session, target)) {
    session.execute("DROP DATABASE " + name_of(target));
  }
}

void give_key_names_back(Session& session, const ScratchNames& names) {
  const auto target = recorded_target(session, names);
  if (!target || !is_exchanged(session, names)) {
    return;
  }
  for (const StoredObject& key : recorded(session, names, "keys")) {
    give_key_name_back(session, *target, key);
  }
}

void discard(Session& session, const ScratchNames& names) {
  drop_ours_in_target(session, names);
  give_key_names_back(session, names);
  if (has_table(session, names.fresh(), names.state_table())) {
    // From here on nothing is owed: where the witness is says nothing once `old` is gone.
    session.execute("DELETE FROM " + name_of(names.fresh(), names.state_table()));
  }
  for (const std::string& schema : {names.rehearsal(), names.old(), names.fresh()}) {
    session.execute("DROP DATABASE IF EXISTS " + name_of(schema));
  }
}

void sweep(Session& session) {
  for (const std::string& id : ids_on_server(session)) {
    sweep_one(session, ScratchNames(id));
  }
}

} // namespace savepoint::drivers::mariadb
