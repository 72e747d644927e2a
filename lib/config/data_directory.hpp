#pragma once

#include "config/config.hpp"

#include <filesystem>
#include <optional>

namespace savepoint::config {

/// The directory `savepoint` among the user's data, by the XDG specification: where stores and the
/// user's records are unless something else is said. Nothing without a home.
[[nodiscard]] std::optional<std::filesystem::path> data_directory(const Environment& environment);

} // namespace savepoint::config
