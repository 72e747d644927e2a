#include "drivers/mariadb/internal/stored_objects.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "drivers/mariadb/internal/sql_text.hpp"

#include <algorithm>
#include <array>

namespace savepoint::drivers::mariadb {

namespace {

/// Which columns of SHOW CREATE have what we need.
struct Kind {
  const char* name;
  const char* list; ///< A query for names, and for the table of a trigger; %s is the schema.
  const char* statement;
};

constexpr std::array k_kinds{
    Kind{"PACKAGE",
         "SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_TYPE = 'PACKAGE' AND "
         "ROUTINE_SCHEMA = %s ORDER BY BINARY ROUTINE_NAME",
         "Create Package"},
    Kind{"PACKAGE BODY",
         "SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_TYPE = 'PACKAGE BODY' "
         "AND ROUTINE_SCHEMA = %s ORDER BY BINARY ROUTINE_NAME",
         "Create Package Body"},
    Kind{"FUNCTION",
         "SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_TYPE = 'FUNCTION' AND "
         "ROUTINE_SCHEMA = %s ORDER BY BINARY ROUTINE_NAME",
         "Create Function"},
    Kind{"PROCEDURE",
         "SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_TYPE = 'PROCEDURE' "
         "AND ROUTINE_SCHEMA = %s ORDER BY BINARY ROUTINE_NAME",
         "Create Procedure"},
    Kind{"VIEW",
         "SELECT TABLE_NAME FROM information_schema.VIEWS WHERE TABLE_SCHEMA = %s ORDER BY BINARY "
         "TABLE_NAME",
         "Create View"},
    Kind{"TRIGGER",
         "SELECT TRIGGER_NAME, EVENT_OBJECT_TABLE FROM information_schema.TRIGGERS WHERE "
         "TRIGGER_SCHEMA = %s ORDER BY BINARY EVENT_OBJECT_TABLE, EVENT_MANIPULATION, "
         "ACTION_TIMING, ACTION_ORDER, BINARY TRIGGER_NAME",
         "SQL Original Statement"},
    Kind{"EVENT",
         "SELECT EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = %s ORDER BY BINARY "
         "EVENT_NAME",
         "Create Event"},
};

/// One row, by the names of its columns.
class NamedRow {
public:
  NamedRow(Session& session, const std::string& sql) {
    const std::unique_ptr<Stream> found = session.stream(sql);
    columns_ = found->columns();
    while (found->next()) {
      values_.clear();
      for (std::size_t i = 0; i < columns_.size(); ++i) {
        const auto value = found->value(i);
        values_.push_back(value ? Cell(std::string(*value)) : std::nullopt);
      }
    }
  }
  [[nodiscard]] Cell get(std::string_view name) const {
    const auto column = std::ranges::find(columns_, name, &Column::name);
    const auto index = static_cast<std::size_t>(column - columns_.begin());
    return index < values_.size() ? values_[index] : std::nullopt;
  }

private:
  std::vector<Column> columns_;
  std::vector<Cell> values_;
};

std::string prologue_of(const NamedRow& row) {
  std::string sql =
      "SET character_set_client = " + row.get("character_set_client").value_or("utf8mb4") +
      ", collation_connection = " + row.get("collation_connection").value_or("utf8mb4_general_ci");
  if (const Cell mode = row.get("sql_mode")) {
    sql += ", sql_mode = " + literal(*mode);
  }
  if (const Cell zone = row.get("time_zone")) {
    sql += ", time_zone = " + literal(*zone);
  }
  return sql;
}

/// Reads how an object is made, in the character set in which it was made: its texts mean nothing
/// in another one.
StoredObject read_object(Session& session, const std::string& schema, const Kind& kind,
                         const std::string& name, Owner owner) {
  const std::string query = "SHOW CREATE " + std::string(kind.name) + " " + name_of(schema, name);
  NamedRow row(session, query);
  const std::string charset = row.get("character_set_client").value_or("utf8mb4");
  if (!charset.starts_with("utf8")) {
    session.execute("SET character_set_results = " + charset);
    row = NamedRow(session, query);
    session.execute("SET character_set_results = utf8mb4");
  }
  const Cell statement = row.get(kind.statement);
  if (!statement) {
    throw RefusedError("cannot see how the " + std::string(kind.name) + " " + quoted(name) +
                           " is made, which belongs to somebody else",
                       "let the server's administrator run: GRANT " +
                           std::string(session.is_mariadb() ? session.version() >= 110300
                                                                  ? "SHOW CREATE ROUTINE ON *.*"
                                                                  : "SELECT ON mysql.proc"
                                                            : "SHOW_ROUTINE ON *.*") +
                           " TO " + session.grantee() + ";");
  }
  StoredObject object{kind.name, name, {}, prologue_of(row), *statement};
  if (owner == Owner::strip) {
    object.statement = without_definer(std::move(object.statement));
  }
  if (object.kind == "TRIGGER") {
    object.statement = trigger_without_schema(object.statement, schema);
  }
  if (object.kind == "VIEW") {
    object.statement = with_other_schema(object.statement, schema, "");
  }
  return object;
}

/// Names of a kind; a kind that the server does not know has none.
Rows names_of(Session& session, const std::string& schema, const Kind& kind) {
  std::string query = kind.list;
  query.replace(query.find("%s"), 2, literal(schema));
  return session.query(query);
}

/// Whether the server can make an object in the place of another one. Who may run a routine may
/// then still run it; with one that is dropped the server forgets that.
bool is_replaceable(const Session& session, const StoredObject& object) {
  constexpr unsigned k_first_that_replaces = 100103;
  return session.is_mariadb() && session.version() >= k_first_that_replaces &&
         (object.kind == "FUNCTION" || object.kind == "PROCEDURE");
}

void create_object(Session& session, const StoredObject& object) {
  constexpr std::string_view k_create = "CREATE ";
  session.execute(object.prologue);
  std::string statement = object.statement;
  if (is_replaceable(session, object) && statement.starts_with(k_create)) {
    statement.insert(k_create.size(), "OR REPLACE ");
  }
  const unsigned failed = session.attempt(statement);
  if (failed != 0) {
    session.fail("make the " + object.kind + " " + quoted(object.name));
  }
}

/// Gives a session its own modes back, which the prologues of objects have changed.
class ModesKept {
public:
  explicit ModesKept(Session& session)
      : session_(&session), modes_(session.value("SELECT @@sql_mode").value_or("")) {}
  ~ModesKept() {
    (void)session_->attempt("SET NAMES utf8mb4");
    (void)session_->attempt("SET sql_mode = " + literal(modes_) + ", time_zone = '+00:00'");
  }
  ModesKept(const ModesKept&) = delete;
  ModesKept& operator=(const ModesKept&) = delete;

private:
  Session* session_;
  std::string modes_;
};

} // namespace

std::vector<StoredObject> read_objects(Session& session, const std::string& schema, Owner owner) {
  std::vector<StoredObject> objects;
  session.execute("USE " + name_of(schema)); // else views name their schema
  for (const Kind& kind : k_kinds) {
    for (const std::vector<Cell>& row : names_of(session, schema, kind)) {
      objects.push_back(read_object(session, schema, kind, row[0].value_or(""), owner));
      objects.back().table = row.size() > 1 ? row[1].value_or("") : "";
    }
  }
  return objects;
}

bool is_valid_view(Session& session, const std::string& schema, const StoredObject& view) {
  return session.attempt("SHOW COLUMNS FROM " + name_of(schema, view.name)) == 0;
}

std::vector<std::string> invalid_views(const manifest::DatabaseComponent& component) {
  std::vector<std::string> names;
  if (const json::Value* const found = component.details.find("invalid_views")) {
    for (const json::Value& name : found->items()) {
      names.push_back(json::bytes_of(name));
    }
  }
  return names;
}

std::vector<StoredObject> views_to_keep(Session& session, const std::string& schema,
                                        const std::vector<StoredObject>& present,
                                        const std::vector<StoredObject>& wanted,
                                        const std::vector<std::string>& wanted_invalid) {
  std::vector<StoredObject> staying;
  for (const StoredObject& view : present) {
    const bool was_invalid = std::ranges::find(wanted_invalid, view.name) != wanted_invalid.end();
    if (view.kind != "VIEW" || (!was_invalid && is_valid_view(session, schema, view))) {
      continue;
    }
    // The server gives views that show nothing other texts, so the same view may look like another.
    const bool comes_back = std::ranges::any_of(wanted, [&](const StoredObject& other) {
      return other.kind == view.kind && other.name == view.name;
    });
    if (!comes_back) {
      staying.push_back(view);
    }
  }
  return staying;
}

void create_objects(Session& session, const std::string& schema,
                    const std::vector<StoredObject>& objects, InvalidViews invalid) {
  const ModesKept modes(session);
  session.execute("USE " + name_of(schema));
  std::vector<const StoredObject*> views;
  std::vector<const StoredObject*> later;
  for (const StoredObject& object : objects) {
    if (object.kind == "VIEW") {
      views.push_back(&object);
    } else if (object.kind == "TRIGGER" || object.kind == "EVENT") {
      later.push_back(&object);
    } else {
      create_object(session, object);
    }
  }
  // A view needs those that it shows; each round makes all whose own are there.
  while (!views.empty()) {
    const std::size_t before = views.size();
    std::erase_if(views, [&](const StoredObject* view) {
      session.execute(view->prologue);
      return session.attempt(view->statement) == 0;
    });
    if (views.size() == before) {
      if (invalid == InvalidViews::pass_over) {
        break;
      }
      create_object(session, *views.front());
    }
  }
  for (const StoredObject* object : later) {
    create_object(session, *object);
  }
}

void drop_object(Session& session, const std::string& schema, const StoredObject& object) {
  const std::string sql = "DROP " + object.kind + " IF EXISTS " + name_of(schema, object.name);
  if (!object.kind.starts_with("PACKAGE")) {
    session.execute(sql);
    return;
  }
  const ModesKept modes(session);
  session.execute("SET sql_mode = 'ORACLE'"); // packages are known in this mode only
  session.execute(sql);
}

void settle_objects(Session& session, const std::string& schema,
                    const std::vector<StoredObject>& wanted, Owner owner) {
  const std::vector<StoredObject> present = read_objects(session, schema, owner);
  const auto triggers_of = [](const std::vector<StoredObject>& objects) {
    std::vector<StoredObject> triggers;
    std::ranges::copy_if(objects, std::back_inserter(triggers),
                         [](const StoredObject& object) { return object.kind == "TRIGGER"; });
    return triggers;
  };
  // The order of triggers counts, and is that in which they are made.
  const bool same_triggers = triggers_of(present) == triggers_of(wanted);
  const auto stays = [&](const StoredObject& object, const std::vector<StoredObject>& other) {
    return object.kind == "TRIGGER" ? same_triggers
                                    : std::ranges::find(other, object) != other.end();
  };
  const auto is_replaced = [&](const StoredObject& object) {
    return is_replaceable(session, object) &&
           std::ranges::any_of(wanted, [&](const StoredObject& other) {
             return other.kind == object.kind && other.name == object.name;
           });
  };
  for (const StoredObject& object : present) {
    if (!stays(object, wanted) && !is_replaced(object)) {
      drop_object(session, schema, object);
    }
  }
  // Read again: with a package its body is gone as well.
  const std::vector<StoredObject> left = read_objects(session, schema, owner);
  std::vector<StoredObject> missing;
  std::ranges::copy_if(wanted, std::back_inserter(missing), [&](const StoredObject& object) {
    return std::ranges::find(left, object) == left.end();
  });
  create_objects(session, schema, missing, InvalidViews::pass_over);
}

} // namespace savepoint::drivers::mariadb
