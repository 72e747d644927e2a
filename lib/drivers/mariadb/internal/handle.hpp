#pragma once

#include "drivers/mariadb/internal/client_library.hpp"
#include "drivers/mariadb/internal/session.hpp"

namespace savepoint::drivers::mariadb {

/// The client library's own side of a session.
struct Session::Handle {
  MYSQL* mysql = nullptr;
  ~Handle() {
    if (mysql != nullptr) {
      client_library().close(mysql);
    }
  }
};

} // namespace savepoint::drivers::mariadb
