#pragma once

#include <span>
#include <string>
#include <string_view>

namespace savepoint {

/// The word of `known` that `word` was most likely meant to be (Damerau-Levenshtein distance of at
/// most a third of its length, at least 2); empty if none is near.
[[nodiscard]] std::string nearest_word(std::string_view word,
                                       std::span<const std::string_view> known);

} // namespace savepoint
