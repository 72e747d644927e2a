#pragma once

#include <string_view>

namespace savepoint {

/// The version of savepoint, such as "0.1.0".
[[nodiscard]] std::string_view version();

} // namespace savepoint
