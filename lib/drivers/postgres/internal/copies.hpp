#pragma once

#include "database/driver.hpp"
#include "drivers/postgres/internal/session.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace savepoint::drivers::postgres {

// With the strategy "template", a database has a copy on its own server: savepoint_template_ and 16
// hex digits, with nobody let in. Its comment says which archive it is the like of, and whose it
// is. One without a comment is not complete.

/// Whether the strategy of `target` is to keep copies.
[[nodiscard]] bool wants_copies(const database::Target& target);

/// Drops the copies of a database. Does not fail for what cannot be dropped.
void drop_copies(Session& session, const std::string& database);

/// Driver::tend_copies. Does not connect where no copies are wanted.
[[nodiscard]] database::Tended tend_copies(const database::Target& target,
                                           const manifest::DatabaseComponent& component,
                                           std::string fingerprint);

/// The name of a copy of ours that is just what the archive of `expected` is, owners and privileges
/// included, if the server has one. One of `database` comes first.
[[nodiscard]] std::optional<std::string> find_copy(Session& session,
                                                   const manifest::DatabaseComponent& expected,
                                                   const std::string& database);

/// How `CREATE DATABASE` copies a database of that many bytes best: a clause, with a blank before.
[[nodiscard]] std::string copy_strategy(Session& session, std::uint64_t size);

/// SQL that is true of a row `alias` of pg_database that is a copy of ours and of no use any more.
[[nodiscard]] std::string abandoned_copies(const std::string& alias);

} // namespace savepoint::drivers::postgres
