#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::config {

/// The parts of a path that stays below where it starts: `.` and doubled slashes left out. Nothing
/// if it is empty, absolute, or has a part `..`.
[[nodiscard]] std::optional<std::vector<std::string>> inner_parts(std::string_view path);

/// The same parts, joined by slashes.
[[nodiscard]] std::optional<std::string> inner_path(std::string_view path);

} // namespace savepoint::config
