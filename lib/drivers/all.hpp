#pragma once

#include "database/driver.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace savepoint::drivers {

/// Every driver of this build, in the order in which they are asked.
[[nodiscard]] std::span<const database::Driver* const> all();

/// The driver called `name`. Throws NotFoundError if this build has none.
[[nodiscard]] const database::Driver& find(std::string_view name);

/// What a snapshot that has `component` says of what is not in its image.
[[nodiscard]] std::vector<manifest::LeftOut>
left_out_of(const manifest::DatabaseComponent& component);

} // namespace savepoint::drivers
