#pragma once

#include "database/driver.hpp"

namespace savepoint::drivers::mariadb {

/// Driver::open_capture. `cancellation` may be null.
[[nodiscard]] std::unique_ptr<database::Capture> open_capture(const database::Target& target,
                                                              const Cancellation* cancellation);

} // namespace savepoint::drivers::mariadb
