#pragma once

#include "config/config.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace savepoint::cli {

/// Where the executable `name` of ours is: beside this one, in ../libexec/savepoint, or on PATH.
/// Nothing for a name that is not a plain word.
[[nodiscard]] std::optional<std::string> find_executable(const std::string& name,
                                                         const config::Environment& environment);

/// Where a template is that was installed with this executable.
[[nodiscard]] std::optional<std::string> find_template(std::string_view name);

} // namespace savepoint::cli
