#pragma once

#include "database/address.hpp"

#include <functional>
#include <string>

namespace savepoint::drivers::mariadb {

/// Throws what the server's error `number` means: RefusedError for rights that are missing (the
/// hint has `grants`), NotFoundError for a database that is not there, BusyError for locks, space
/// and too many sessions, else DatabaseError.
[[noreturn]] void throw_refusal(unsigned number, const std::string& message,
                                const std::function<std::string()>& grants);

/// Throws for a server that cannot be reached or does not let us in.
[[noreturn]] void throw_unreachable(const database::Address& address, unsigned number,
                                    const std::string& message);

} // namespace savepoint::drivers::mariadb
