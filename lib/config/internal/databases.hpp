#pragma once

#include "config/config.hpp"
#include "config/internal/setting.hpp"

#include <vector>

namespace savepoint::config {

/// Reads the list of databases.
[[nodiscard]] std::vector<DatabaseSetting> read_databases(const Setting& setting);

} // namespace savepoint::config
