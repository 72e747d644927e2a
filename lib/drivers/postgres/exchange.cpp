#include "drivers/postgres/internal/exchange.hpp"

#include "base/printable.hpp"
#include "drivers/postgres/internal/facts.hpp"

#include <array>
#include <thread>

namespace savepoint::drivers::postgres {

namespace {

constexpr std::chrono::milliseconds k_nap{20};

/// Transactions that wait for their second phase belong to a database like sessions do.
std::string prepared_transactions(Session& session, const std::string& database) {
  const Rows rows =
      session.query("SELECT gid FROM pg_prepared_xacts WHERE database = $1", {database});
  std::string list;
  for (int row = 0; row < rows.count(); ++row) {
    list += (row == 0 ? "" : ", ") + quoted(rows.text(row, 0));
  }
  return list;
}

void end_session(Session& session, const OtherSession& other) {
  try {
    (void)session.query("SELECT pg_terminate_backend($1::int)", {std::to_string(other.backend)});
  } catch (const ServerError& error) {
    if (error.state() != k_insufficient_privilege) {
      throw;
    }
    throw RefusedError("the role " + quoted(current_role(session)) +
                           " may not end the session of another: " + other.text,
                       "as a superuser: GRANT pg_signal_backend TO " +
                           quote_name(current_role(session)) +
                           " (sessions of superusers only a superuser can end)");
  }
}

/// Values of these settings are lists of names, those that need it in double quotes.
bool is_list(const std::string& setting) {
  static const std::set<std::string> k_lists{"search_path",
                                             "temp_tablespaces",
                                             "local_preload_libraries",
                                             "session_preload_libraries",
                                             "shared_preload_libraries",
                                             "unix_socket_directories"};
  return k_lists.contains(setting);
}

/// A list as it is kept, in the form in which every name can be given: 'a', 'B c', ''.
std::string as_texts(std::string_view list) {
  std::vector<std::string> names(1);
  bool is_quoted = false;
  for (std::size_t at = 0; at < list.size(); ++at) {
    if (list[at] == '"') {
      const bool is_doubled = is_quoted && at + 1 < list.size() && list[at + 1] == '"';
      is_quoted = is_doubled || !is_quoted;
      names.back() += is_doubled ? "\"" : "";
      at += is_doubled ? 1U : 0U;
    } else if (list[at] == ',' && !is_quoted) {
      names.emplace_back();
    } else if (list[at] != ' ' || is_quoted) {
      names.back() += list[at];
    }
  }
  std::string texts;
  for (const std::string& name : names) {
    texts += (texts.empty() ? "" : ", ") + quote_text(name);
  }
  return texts;
}

/// Something of a database that is not in its content.
struct Attribute {
  std::string what;
  std::string statement;
};

/// "ALTER DATABASE … SET", for everybody or for one role, as they are for `from`.
void add_settings(Session& session, const std::string& from, const std::string& to,
                  std::vector<Attribute>& attributes) {
  const Rows rows = session.query(
      "SELECT coalesce(r.rolname, ''), split_part(c, '=', 1), substr(c, strpos(c, '=') + 1) FROM "
      "pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase LEFT JOIN pg_roles r ON "
      "r.oid = s.setrole CROSS JOIN unnest(s.setconfig) c WHERE d.datname = $1",
      {from});
  for (int row = 0; row < rows.count(); ++row) {
    const std::string role = rows.text(row, 0);
    const std::string setting = rows.text(row, 1);
    const std::string value = rows.text(row, 2);
    const std::string whose =
        role.empty() ? "ALTER DATABASE " + quote_name(to)
                     : "ALTER ROLE " + quote_name(role) + " IN DATABASE " + quote_name(to);
    std::string name;
    for (std::size_t at = 0; at <= setting.size();) { // a custom setting has a prefix and a dot
      const std::size_t dot = std::min(setting.find('.', at), setting.size());
      name += (name.empty() ? "" : ".") + quote_name(setting.substr(at, dot - at));
      at = dot + 1;
    }
    attributes.push_back({"setting " + quoted(setting) + " of the database",
                          whose + " SET " + name + " TO " +
                              (is_list(setting) ? as_texts(value) : quote_text(value))});
  }
}

void add_privileges(Session& session, const std::string& from, const std::string& to,
                    std::vector<Attribute>& attributes) {
  const Rows rows = session.query(
      "SELECT a.grantee = 0, coalesce(r.rolname, ''), a.privilege_type, a.is_grantable FROM "
      "pg_database d CROSS JOIN aclexplode(d.datacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee "
      "WHERE d.datname = $1",
      {from});
  if (rows.count() == 0) {
    return;
  }
  attributes.push_back(
      {"privileges on the database", "REVOKE ALL ON DATABASE " + quote_name(to) + " FROM PUBLIC"});
  for (int row = 0; row < rows.count(); ++row) {
    const bool is_public = rows.truth(row, 0);
    if (!is_public && rows.text(row, 1).empty()) {
      continue; // a role that is gone
    }
    attributes.push_back({"privileges on the database",
                          "GRANT " + rows.text(row, 2) + " ON DATABASE " + quote_name(to) + " TO " +
                              (is_public ? "PUBLIC" : quote_name(rows.text(row, 1))) +
                              (rows.truth(row, 3) && !is_public ? " WITH GRANT OPTION" : "")});
  }
}

/// What makes `to` be what `from` is, apart from its content.
std::vector<Attribute> attributes_of(Session& session, const std::string& from,
                                     const std::string& to) {
  std::vector<Attribute> attributes;
  const Rows row = session.query(
      "SELECT datconnlimit, shobj_description(oid, 'pg_database'), datistemplate FROM pg_database "
      "WHERE datname = $1",
      {from});
  if (row.text(0, 0) != "-1") {
    attributes.push_back(
        {"connection limit of the database",
         "ALTER DATABASE " + quote_name(to) + " CONNECTION LIMIT " + row.text(0, 0)});
  }
  if (!row.is_null(0, 1)) {
    attributes.push_back({"comment of the database", "COMMENT ON DATABASE " + quote_name(to) +
                                                         " IS " + quote_text(row.text(0, 1))});
  }
  if (row.truth(0, 2)) {
    attributes.push_back(
        {"being a template", "ALTER DATABASE " + quote_name(to) + " IS_TEMPLATE true"});
  }
  add_settings(session, from, to, attributes);
  add_privileges(session, from, to, attributes);
  return attributes;
}

} // namespace

database::MovedError moved(const std::string& database) {
  return database::MovedError("others changed the database " + quoted(database) +
                                  " while it was captured",
                              "try again, or stop what writes to it");
}

void clear_sessions(Maintenance& maintenance, const std::string& database,
                    const database::RestorationOptions& options, const std::set<int>& ours) {
  Session& session = maintenance.session();
  const auto deadline = std::chrono::steady_clock::now() + options.wait;
  for (;;) {
    if (options.cancellation != nullptr) {
      options.cancellation->check();
    }
    const std::vector<OtherSession> others = other_sessions(session, database, ours);
    const std::string prepared = prepared_transactions(session, database);
    if (others.empty() && prepared.empty()) {
      return;
    }
    if (std::chrono::steady_clock::now() >= deadline) {
      if (others.empty()) {
        throw BusyError("prepared transactions of database " + quoted(database) +
                            " wait for their end: " + prepared,
                        "end them with COMMIT PREPARED or ROLLBACK PREPARED, then try again");
      }
      throw BusyError("others are connected to database " + quoted(database) + ": " +
                          listed(others),
                      options.disconnect
                          ? "they come back: stop the program that connects, then try again"
                          : "stop them and try again, or give --disconnect to end their sessions");
    }
    if (options.disconnect) {
      for (const OtherSession& other : others) {
        end_session(session, other);
      }
    }
    std::this_thread::sleep_for(k_nap);
  }
}

void require_no_slots(Session& session, const std::string& database) {
  const Rows rows = session.query(
      "SELECT slot_name FROM pg_replication_slots WHERE database = $1 AND NOT temporary ORDER BY 1",
      {database});
  std::string list;
  std::string drops;
  for (int row = 0; row < rows.count(); ++row) {
    const std::string name = rows.text(row, 0);
    list += (row == 0 ? "" : ", ") + quoted(name);
    drops += (row == 0 ? "" : "; ") + ("SELECT pg_drop_replication_slot(" + quote_text(name) + ")");
  }
  if (!list.empty()) {
    throw RefusedError("slots of logical replication would be lost with the database " +
                           quoted(database) + ": " + list,
                       "if nobody needs them any more: " + drops +
                           "; or restore single tables with --table, which keeps them");
  }
}

std::string current_view(Session& session) {
  return session
      .query(session.major() >= 13 ? "SELECT pg_current_snapshot()::text"
                                   : "SELECT txid_current_snapshot()::text")
      .text(0, 0);
}

std::optional<std::string> count_changes(Session& session, const std::string& database) {
  constexpr int k_counts_in_shared_memory = 15;
  if (session.major() < k_counts_in_shared_memory) {
    return std::nullopt;
  }
  const Rows rows = session.query(
      "SELECT current_setting('track_counts'), tup_inserted, tup_updated, tup_deleted, "
      "coalesce(stats_reset::text, '') FROM pg_stat_database WHERE datname = $1",
      {database});
  if (rows.count() == 0 || rows.text(0, 0) != "on") {
    return std::nullopt;
  }
  return rows.text(0, 1) + "/" + rows.text(0, 2) + "/" + rows.text(0, 3) + "/" + rows.text(0, 4);
}

std::vector<std::string> carry_over(Session& session, const std::string& from,
                                    const std::string& to) {
  std::vector<std::string> refused;
  for (const auto& [what, statement] : attributes_of(session, from, to)) {
    session.execute("SAVEPOINT attribute");
    try {
      session.execute(statement);
    } catch (const ServerError& error) {
      if (error.state() != k_insufficient_privilege) {
        throw;
      }
      session.execute("ROLLBACK TO SAVEPOINT attribute");
      refused.push_back(what);
    }
    session.execute("RELEASE SAVEPOINT attribute");
  }
  return refused;
}

void exchange(Maintenance& maintenance, const std::string& database, const std::string& fresh,
              const std::string& old, const std::optional<Sight>& sight) {
  Session& session = maintenance.session();
  Transaction step(session);
  // This locks the database: nobody is on it, and whoever wants in waits for our end.
  session.execute("ALTER DATABASE " + quote_name(database) + " RENAME TO " + quote_name(old));
  if (sight) {
    const auto changes = count_changes(session, old);
    if (current_view(session) != sight->view && (!changes || changes != sight->changes)) {
      throw moved(database);
    }
  }
  (void)carry_over(session, old, fresh);
  session.execute("ALTER DATABASE " + quote_name(fresh) + " RENAME TO " + quote_name(database));
  step.commit();
}

void rename_database(Session& session, const std::string& from, const std::string& to) {
  session.execute("ALTER DATABASE " + quote_name(from) + " RENAME TO " + quote_name(to));
}

} // namespace savepoint::drivers::postgres
