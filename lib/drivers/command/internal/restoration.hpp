#pragma once

#include "database/driver.hpp"

#include <memory>

namespace savepoint::drivers::command {

/// Throws RefusedError where the target cannot be restored into, or not as `options` want it.
[[nodiscard]] std::unique_ptr<database::Restoration>
open_restoration(const database::Target& target, const database::RestorationOptions& options);

} // namespace savepoint::drivers::command
