#pragma once

#include "store/operation_log.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace savepoint::store {

/// The line of docs/formats/log.md, with its newline. Texts of any length become short enough.
[[nodiscard]] std::string print_operation(const Operation& operation);

/// Reads a line; nothing if it is damaged or of a newer version.
[[nodiscard]] std::optional<Operation> parse_operation(std::string_view line);

} // namespace savepoint::store
