#pragma once

#include "database/driver.hpp"

#include <memory>

namespace savepoint::drivers::command {

/// docs/drivers/command.md says what it guarantees.
[[nodiscard]] std::unique_ptr<database::Driver> make_command_driver();

} // namespace savepoint::drivers::command
