#pragma once

#include "drivers/mariadb/internal/session.hpp"

#include <string>
#include <vector>

namespace savepoint::drivers::mariadb {

/// What holds rows, or looks so, in a schema.
struct TableInfo {
  std::string name;
  std::string engine;
  enum class Kind { table, sequence } kind = Kind::table;
  bool keeps_history = false; ///< System versioned.
  /// Whether rows are read in one state with those of other tables.
  [[nodiscard]] bool is_transactional() const;
  /// Whether its rows are kept by itself: not so for MERGE, FEDERATED and the like.
  [[nodiscard]] bool holds_rows() const;
};

/// How a schema was made.
struct SchemaInfo {
  std::string charset;
  std::string collation;
};

/// Nothing if there is no such schema, or if we may not know.
[[nodiscard]] std::optional<SchemaInfo> schema_info(Session& session, const std::string& schema);

/// Tables and sequences, sorted by the bytes of their names.
[[nodiscard]] std::vector<TableInfo> list_tables(Session& session, const std::string& schema);

/// SHOW CREATE for a table or sequence, without the name of its schema.
[[nodiscard]] std::string definition(Session& session, const std::string& schema,
                                     const TableInfo& table);

/// Throws RefusedError if a right is missing without which views, triggers, routines or events
/// would be left out in silence.
void require_sight(Session& session, const std::string& schema);

} // namespace savepoint::drivers::mariadb
