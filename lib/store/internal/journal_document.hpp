#pragma once

#include "store/internal/layout.hpp"
#include "store/journal.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace savepoint::store {

/// docs/formats/journal.md
[[nodiscard]] std::string print_journal(const Journal& journal);
/// Throws CorruptionError, or NotFoundError for a newer version. `what` names it.
[[nodiscard]] Journal parse_journal(std::string_view text, std::string_view what);
/// Nothing if there is no such file.
[[nodiscard]] std::optional<Journal> read_journal(const Layout& layout,
                                                  const std::filesystem::path& path);

} // namespace savepoint::store
