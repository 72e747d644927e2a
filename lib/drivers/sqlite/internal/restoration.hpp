#pragma once

#include "database/driver.hpp"

namespace savepoint::drivers::sqlite {

/// Driver::open_restoration. `options.wait` is how long `swap` and `undo` wait for other people's
/// locks.
[[nodiscard]] std::unique_ptr<database::Restoration>
open_restoration(const database::Target& target, const manifest::DatabaseComponent& expected,
                 const database::RestorationOptions& options);

/// Driver::open_rehearsal.
[[nodiscard]] std::unique_ptr<database::Restoration>
open_rehearsal(const std::filesystem::path& scratch, const manifest::DatabaseComponent& expected);

} // namespace savepoint::drivers::sqlite
