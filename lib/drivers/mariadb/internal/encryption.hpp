#pragma once

#include "database/address.hpp"

#include <string>

namespace savepoint::drivers::mariadb {

/// What an address asks for between us and the server.
struct Encryption {
  bool is_required = false;
  bool is_verified = false; ///< The server's certificate and name, too.
  std::string authority;    ///< A file of certificates to trust; empty: those of the system.
};

/// Understands `ssl-mode` and what clients of several languages have instead of it. Of several the
/// strictest counts, unless one says that encryption is off or optional.
///
/// Throws RefusedError for a setting that we do not understand: it is never taken for none.
[[nodiscard]] Encryption encryption_of(const database::Address& address);

/// Throws RefusedError: the server has no encryption although `address` asks for it.
[[noreturn]] void throw_not_encrypted(const database::Address& address);

} // namespace savepoint::drivers::mariadb
