#pragma once

#include "database/driver.hpp"

namespace savepoint::drivers::postgres {

/// Driver::fingerprint. Why it cannot be wrong: docs/drivers/postgres.md.
[[nodiscard]] std::optional<std::string> fingerprint(const database::Target& target);

} // namespace savepoint::drivers::postgres
