#include "drivers/mariadb/internal/session.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "drivers/mariadb/internal/handle.hpp"
#include "drivers/mariadb/internal/refusal.hpp"

#include <utility>

namespace savepoint::drivers::mariadb {

namespace {

constexpr unsigned k_connect_seconds = 10;
constexpr unsigned long k_largest_packet = 1UL << 30U;
constexpr unsigned k_cannot_connect_to_socket = 2002;
constexpr std::string_view k_nobody = "savepoint_asks";

/// The parameter of an address that goes by any of `names`.
std::string parameter(const database::Address& address, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (const auto found = address.parameters.find(name); found != address.parameters.end()) {
      return found->second;
    }
  }
  return {};
}

const char* or_null(const std::string& text) {
  return text.empty() ? nullptr : text.c_str();
}

} // namespace

bool Session::log_in(const Place& place, const std::string& user, const std::string& password) {
  const ClientLibrary& library = client_library();
  handle_ = std::make_unique<Handle>();
  handle_->mysql = library.init(nullptr);
  if (handle_->mysql == nullptr) {
    throw IoError("cannot start the client library of MariaDB");
  }
  const unsigned protocol = place.over_socket ? MYSQL_PROTOCOL_SOCKET : MYSQL_PROTOCOL_TCP;
  const unsigned local_infile = 0;
  library.options(handle_->mysql, MYSQL_OPT_PROTOCOL, &protocol);
  library.options(handle_->mysql, MYSQL_OPT_CONNECT_TIMEOUT, &k_connect_seconds);
  library.options(handle_->mysql, MYSQL_OPT_LOCAL_INFILE, &local_infile);
  library.options(handle_->mysql, MYSQL_OPT_MAX_ALLOWED_PACKET, &k_largest_packet);
  library.options(handle_->mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  if (encryption_.is_required) {
    const my_bool enforce = 1;
    const my_bool verify = encryption_.is_verified ? 1 : 0;
    library.options(handle_->mysql, MYSQL_OPT_SSL_ENFORCE, &enforce);
    library.options(handle_->mysql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
  }
  if (!encryption_.authority.empty()) {
    library.options(handle_->mysql, MYSQL_OPT_SSL_CA, encryption_.authority.c_str());
  }
  // An empty password is none: for a null one the library would take MYSQL_PWD, which is meant for
  // another server perhaps.
  return library.real_connect(handle_->mysql, place.over_socket ? nullptr : place.host.c_str(),
                              or_null(user), password.c_str(), nullptr, address_.port,
                              place.over_socket ? or_null(place.socket) : nullptr, 0) != nullptr;
}

bool Session::try_at(const Place& place) {
  const ClientLibrary& library = client_library();
  if (encryption_.is_required) {
    // The library goes on in clear where the server has no encryption. So it is asked for that
    // first, by a login that has no secret and need not succeed.
    unsigned long can = 0;
    const bool was_let_in = log_in(place, std::string(k_nobody), {});
    // NOLINTNEXTLINE(clang-analyzer-cplusplus.Move): `log_in` has made a handle
    library.get_info(handle_->mysql, MARIADB_CONNECTION_SERVER_CAPABILITIES, &can);
    if (can == 0 && !was_let_in) {
      return false; // nobody has answered
    }
    if ((can & CLIENT_SSL) == 0) {
      throw_not_encrypted(address_);
    }
  }
  if (!log_in(place, address_.user, address_.password.reveal())) {
    return false;
  }
  if (encryption_.is_required && library.cipher(handle_->mysql) == nullptr) {
    throw_not_encrypted(address_);
  }
  return true;
}

bool Session::try_here() {
  const Place socket{.host = {}, .socket = {}, .over_socket = true};
  const Place port{.host = "127.0.0.1", .socket = {}, .over_socket = false};
  if (!try_at(socket)) {
    std::unique_ptr<Handle> failed = std::move(handle_);
    if (try_at(port)) {
      return true;
    }
    if (client_library().error_number(failed->mysql) != k_cannot_connect_to_socket) {
      handle_ = std::move(failed); // what a server says tells more than that there is none
    }
    return false;
  }
  const auto who = [this] {
    return value("SELECT CONCAT_WS('|', @@hostname, @@port, @@socket, @@datadir, @@pid_file)");
  };
  const std::optional<std::string> at_socket = who();
  std::unique_ptr<Handle> kept = std::move(handle_);
  bool is_another = false;
  try {
    is_another = try_at(port) && who() != at_socket;
  } catch (const RefusedError&) {
    is_another = false; // it has no encryption, and lets nobody in who asks for it
  }
  if (is_another) {
    throw RefusedError("cannot tell which server " + quoted(database::display(address_)) +
                           " means: localhost is two servers here, one at the usual socket and "
                           "another at the usual port, and both let us in",
                       "write localhost:3306 for the one that Node and Java take, or "
                       "?socket=/path for the one that PHP, Python and Ruby take");
  }
  handle_ = std::move(kept);
  return true;
}

void Session::connect() {
  Place place{.host = address_.host,
              .socket = parameter(address_, {"socket", "unix_socket", "unixSocket"})};
  if (place.host.starts_with('/')) {
    place.socket = std::exchange(place.host, {});
  }
  place.over_socket = !place.socket.empty();
  const bool is_here = place.host.empty() || place.host == "localhost";
  if (is_here) {
    place.host = "127.0.0.1"; // the library would take the socket whatever the port
  }
  if (is_here && !place.over_socket && address_.port == 0 ? try_here() : try_at(place)) {
    return;
  }
  (void)complain();
  throw_unreachable(address_, complaint_number_, complaint_);
}

} // namespace savepoint::drivers::mariadb
