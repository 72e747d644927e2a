#pragma once

#include "database/driver.hpp"

namespace savepoint::drivers::sqlite {

/// Driver::fingerprint. Why it cannot be wrong: docs/drivers/sqlite.md.
[[nodiscard]] std::optional<std::string> fingerprint(const database::Target& target, Timestamp now);

} // namespace savepoint::drivers::sqlite
