#pragma once

#include <cstddef>

namespace savepoint::cli {

/// How many columns of a terminal a letter takes: marks that combine and those that only format
/// take none, wide ones two.
[[nodiscard]] std::size_t columns_of(char32_t letter);

} // namespace savepoint::cli
