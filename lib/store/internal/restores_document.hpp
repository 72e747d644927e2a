#pragma once

#include "store/internal/layout.hpp"
#include "store/restores.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::store {

/// docs/formats/restores.md
[[nodiscard]] std::string print_restores(const std::vector<PastRestore>& restores);
/// Throws CorruptionError, or NotFoundError for a newer version. `what` names it.
[[nodiscard]] std::vector<PastRestore> parse_restores(std::string_view text, std::string_view what);
/// None if there is no such file.
[[nodiscard]] std::vector<PastRestore> read_restores(const Layout& layout,
                                                     const std::filesystem::path& path);

} // namespace savepoint::store
