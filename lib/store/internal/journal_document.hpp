#pragma once

#include "store/journal.hpp"

#include <string>
#include <string_view>

namespace savepoint::store {

/// docs/formats/journal.md
[[nodiscard]] std::string print_journal(const Journal& journal);
/// Throws CorruptionError, or NotFoundError for a newer version. `what` names it.
[[nodiscard]] Journal parse_journal(std::string_view text, std::string_view what);

} // namespace savepoint::store
