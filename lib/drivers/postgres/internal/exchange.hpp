#pragma once

#include "drivers/postgres/internal/loader.hpp"
#include "drivers/postgres/internal/maintenance.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace savepoint::drivers::postgres {

/// What of a database can be seen from outside that every change of it changes.
struct Sight {
  std::string view;                   ///< Which transactions of the whole server are done.
  std::optional<std::string> changes; ///< How many rows were changed; nothing if not for sure.
  std::string sequences;              ///< What counts as no change of rows.
};

/// What is thrown if others changed `database` after it was captured.
[[nodiscard]] database::MovedError moved(const std::string& database);

/// Waits until nobody but `ours` is on `database`, or ends them if the options say so.
///
/// Throws BusyError with a list of those who stayed; RefusedError, whose hint has the GRANT, if we
/// may not end them.
void clear_sessions(Maintenance& maintenance, const std::string& database,
                    const database::RestorationOptions& options, const std::set<int>& ours);

/// Throws RefusedError if the server keeps something for others that would be lost with `database`:
/// slots of logical replication.
void require_no_slots(Session& session, const std::string& database);

/// Sight::view, now.
[[nodiscard]] std::string current_view(Session& session);

/// What was counted of changes to `database`. From PostgreSQL 15 on, sessions count into shared
/// memory before they are gone.
[[nodiscard]] std::optional<std::string> count_changes(Session& session,
                                                       const std::string& database);

/// Gives `to` what belongs to the database `from` and not to its content: settings, privileges,
/// comment. Returns what is beyond our rights. Requires an open transaction.
std::vector<std::string> carry_over(Session& session, const std::string& from,
                                    const std::string& to);

/// Gives `fresh` the name of `database`, and that one the name of `old`, in one step, and
/// carries over what can be. If there is a `sight`, nothing must have changed since.
///
/// Throws MovedError if something did, ServerError (k_object_in_use) for sessions that stay.
void exchange(Maintenance& maintenance, const std::string& database, const std::string& fresh,
              const std::string& old, const std::optional<Sight>& sight);

/// Renames a database in a transaction of its own; both must have no sessions.
void rename_database(Session& session, const std::string& from, const std::string& to);

} // namespace savepoint::drivers::postgres
