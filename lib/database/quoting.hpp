#pragma once

#include <string>
#include <string_view>

namespace savepoint::database {

/// `text` between two of `quote`, and twice as many of those that it has: a name or a text in SQL.
[[nodiscard]] std::string in_quotes(std::string_view text, char quote);

} // namespace savepoint::database
