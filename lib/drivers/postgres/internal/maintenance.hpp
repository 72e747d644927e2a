#pragma once

#include "drivers/postgres/internal/session.hpp"

#include <string>
#include <vector>

namespace savepoint::drivers::postgres {

// Databases of ours on somebody's server are called savepoint_<kind>_<16 hex digits>. The digits
// are in the application name of a session that their maker keeps open: once that session is gone,
// so is whoever could still need them.

/// What a database of ours is for.
enum class Kind { fresh, old, rehearsal, copy };

/// A session on another database than the one we work on, from where that can be made, renamed and
/// dropped. While it lives, databases of its token belong to somebody.
class Maintenance {
public:
  /// Throws ConnectionError or RefusedError if there is no database to stand on.
  explicit Maintenance(const Access& access);

  [[nodiscard]] Session& session() { return session_; }
  /// The name of a database of ours.
  [[nodiscard]] std::string name(Kind kind) const;
  /// Throws RefusedError, whose hint has the ALTER ROLE, if we may not make databases.
  void require_right_to_create();

private:
  std::string token_;
  Session session_;
};

/// Databases of ours that nobody needs any more, and that we may drop.
[[nodiscard]] std::vector<std::string> abandoned_databases(Session& session);

/// Drops what killed processes left on the server. Does not fail: what cannot be dropped now is
/// left to the next one.
void sweep(Session& session);

/// Drops a database of ours if it is there. Sessions on it are ended.
void drop_database(Session& session, const std::string& database);

/// The role we are, as a name.
[[nodiscard]] std::string current_role(Session& session);

} // namespace savepoint::drivers::postgres
