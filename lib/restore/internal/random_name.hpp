#pragma once

#include <string>

namespace savepoint::restore {

/// Sixteen hex digits that nobody else has.
[[nodiscard]] std::string random_name();

} // namespace savepoint::restore
