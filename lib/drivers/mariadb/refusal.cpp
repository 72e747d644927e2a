#include "drivers/mariadb/internal/refusal.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"

namespace savepoint::drivers::mariadb {

namespace {

// Names and meanings: https://mariadb.com/kb/en/mariadb-error-code-reference/
constexpr unsigned k_disk_full = 1021;
constexpr unsigned k_error_writing_file = 1026;
constexpr unsigned k_too_many_sessions = 1040;
constexpr unsigned k_schema_denied = 1044;
constexpr unsigned k_login_denied = 1045;
constexpr unsigned k_no_such_schema = 1049;
constexpr unsigned k_no_such_schema_to_drop = 1008;
constexpr unsigned k_table_full = 1114;
constexpr unsigned k_packet_too_large = 1153;
constexpr unsigned k_lock_wait_timeout = 1205;
constexpr unsigned k_deadlock = 1213;
constexpr unsigned k_definition_changed = 1412;
constexpr unsigned k_too_many_of_user = 1203;
constexpr unsigned k_too_many_for_user = 1226;
constexpr unsigned k_cannot_connect_to_socket = 2002;
constexpr unsigned k_cannot_connect_to_host = 2003;
constexpr unsigned k_unknown_host = 2005;
constexpr unsigned k_server_gone = 2006;
constexpr unsigned k_server_lost = 2013;

} // namespace

void throw_refusal(unsigned number, const std::string& message,
                   const std::function<std::string()>& grants) {
  switch (number) {
  case k_schema_denied:
  case 1142: // for a table
  case 1143: // for a column
  case 1227: // for the whole server
  case 1370: // for a routine
  case 1095: // to end a session
  case 1419: // to make a trigger or function while there is a binary log
  case 1356: // a view whose definer may not see what it shows, or that shows nothing any more
    throw RefusedError("the server does not allow it: " + message,
                       number == 1419
                           ? "let the server's administrator set log_bin_trust_function_creators"
                           : "let the server's administrator run: " + grants());
  case k_no_such_schema:
  case k_no_such_schema_to_drop:
    throw NotFoundError("the server has no such database: " + message,
                        "make it, or let --create-database make it");
  case k_too_many_sessions:
  case k_too_many_of_user:
  case k_too_many_for_user:
    throw BusyError("the server has too many sessions: " + message, "try again later");
  case k_lock_wait_timeout:
  case k_deadlock:
    throw BusyError("others keep the database locked: " + message, "try again later");
  case k_definition_changed:
    throw BusyError("the tables of the database were changed meanwhile: " + message,
                    "try again once nobody changes the schema");
  case k_disk_full:
  case k_error_writing_file:
  case k_table_full:
    throw BusyError("the server has no space left: " + message, "make space where it keeps data");
  case k_packet_too_large:
    throw DatabaseError("a row is too large for the server: " + message,
                        "let the server's administrator raise max_allowed_packet");
  case k_server_gone:
  case k_server_lost:
    throw DatabaseError("the connection to the server was lost: " + message,
                        "check that the server runs, and its log");
  default:
    throw DatabaseError("the server refuses: " + message);
  }
}

void throw_unreachable(const database::Address& address, unsigned number,
                       const std::string& message) {
  const std::string where = quoted(database::display(address));
  switch (number) {
  case k_login_denied:
  case k_schema_denied:
  case 1130: // this host may not connect
  case 1698: // only through the socket of the system's user
    throw DatabaseError("cannot log in to " + where + ": " + message,
                        "check user and password of the connection");
  case k_too_many_sessions:
  case k_too_many_of_user:
  case k_too_many_for_user:
    throw BusyError("cannot connect to " + where + ": " + message, "try again later");
  case k_cannot_connect_to_socket:
  case k_cannot_connect_to_host:
  case k_unknown_host:
    throw DatabaseError("cannot reach " + where + ": " + message,
                        "start the server, or check host and port of the connection");
  default:
    throw DatabaseError("cannot connect to " + where + ": " + message);
  }
}

} // namespace savepoint::drivers::mariadb
