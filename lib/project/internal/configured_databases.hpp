#pragma once

#include "project/internal/database_list.hpp"

#include <vector>

namespace savepoint::project {

/// Adds the databases that the config itself says the place of; the addresses of those that it has
/// a URL for.
[[nodiscard]] std::vector<database::Address> add_configured(const Project& project,
                                                            DatabaseList& list);

} // namespace savepoint::project
