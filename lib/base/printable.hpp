#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace savepoint {

/// Says whether `text` is well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms).
[[nodiscard]] bool is_utf8(std::string_view text);

/// Makes `text` safe to show: control characters and bytes that are not UTF-8 become `\n`, `\t`,
/// `\xNN`; a backslash becomes `\\`. What is ordinary text stays as it is.
[[nodiscard]] std::string printable(std::string_view text);

/// The beginning of `text` that has at most so many bytes, and no part of a letter at its end.
[[nodiscard]] std::string_view beginning_of(std::string_view text, std::size_t most);

/// `printable` between single quotes, as error messages name their subject.
[[nodiscard]] std::string quoted(std::string_view text);
// Exact matches, so that argument-dependent lookup does not prefer std::quoted.
[[nodiscard]] inline std::string quoted(const std::string& text) {
  return quoted(std::string_view(text));
}
[[nodiscard]] inline std::string quoted(const char* text) {
  return quoted(std::string_view(text));
}

} // namespace savepoint
