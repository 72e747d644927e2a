#pragma once

#include "drivers/postgres/internal/session.hpp"
#include "json/value.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace savepoint::drivers::postgres {

/// A table by schema and name.
using TableId = std::pair<std::string, std::string>;

/// The tables whose rows a dump has: the user's own, not those of extensions.
[[nodiscard]] std::vector<TableId> user_tables(Session& session);

/// The encoding of a database, as its facts say; empty if they do not.
[[nodiscard]] std::string encoding_of(const json::Value& details);
/// A name as an archive has it, in the encoding of its database, as UTF-8. Of a database without an
/// encoding names are what they are.
[[nodiscard]] std::string in_utf8(Session& session, const std::string& name,
                                  const std::string& encoding);

/// What a manifest says of a database besides its tables.
struct Facts {
  std::uint64_t size = 0;
  std::optional<std::string> migration;
  std::optional<std::string> migration_table;
  std::set<TableId> extension_tables; ///< Their rows belong to an extension.
  json::Value details;
};
/// Requires an open transaction.
[[nodiscard]] Facts read_facts(Session& session);

/// How many rows each table has.
[[nodiscard]] std::vector<std::uint64_t> count_rows(Session& session,
                                                    const std::vector<TableId>& tables);

/// Where each sequence stands that we may read, in one text.
[[nodiscard]] std::string sequence_values(Session& session);

/// A session of somebody else on a database.
struct OtherSession {
  int backend = 0;
  std::string text; ///< "pid 4711, application 'rails', from 127.0.0.1"
};
[[nodiscard]] std::vector<OtherSession>
other_sessions(Session& session, const std::string& database, const std::set<int>& ours);
/// All of them in one line, the first ten.
[[nodiscard]] std::string listed(const std::vector<OtherSession>& sessions);

/// Whether there is a database of that name.
[[nodiscard]] bool database_exists(Session& session, const std::string& database);

} // namespace savepoint::drivers::postgres
