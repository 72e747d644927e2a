#pragma once

#include "database/driver.hpp"

namespace savepoint::drivers::mariadb {

/// Driver::open_restoration.
[[nodiscard]] std::unique_ptr<database::Restoration>
open_restoration(const database::Target& target, const manifest::DatabaseComponent& expected,
                 const database::RestorationOptions& options);

/// Driver::open_rehearsal.
[[nodiscard]] std::unique_ptr<database::Restoration>
open_rehearsal(const database::Target& target, const manifest::DatabaseComponent& expected,
               const database::RestorationOptions& options);

} // namespace savepoint::drivers::mariadb
