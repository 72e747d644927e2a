#pragma once

#include "database/driver.hpp"

#include <filesystem>
#include <memory>

namespace savepoint::drivers::postgres {

/// Driver::open_restoration.
[[nodiscard]] std::unique_ptr<database::Restoration>
open_restoration(const database::Target& target, const manifest::DatabaseComponent& expected,
                 const database::RestorationOptions& options,
                 const std::filesystem::path& versions);

/// Driver::open_rehearsal.
[[nodiscard]] std::unique_ptr<database::Restoration>
open_rehearsal(const database::Target& target, const manifest::DatabaseComponent& expected,
               const database::RestorationOptions& options, const std::filesystem::path& versions);

} // namespace savepoint::drivers::postgres
