#pragma once

#include <string>
#include <string_view>

namespace savepoint {

// Characters as files of settings, URLs and SQL use them: ASCII, whatever the locale says.

[[nodiscard]] constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
[[nodiscard]] constexpr bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
[[nodiscard]] constexpr bool is_letter(char c) {
  return is_upper(c) || (c >= 'a' && c <= 'z');
}
/// The value of a hex digit of either case, -1 of anything else.
[[nodiscard]] int hex_value(char c);

/// An upper-case letter as a lower-case one; everything else stays as it is.
[[nodiscard]] constexpr char lower(char c) {
  return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
}
[[nodiscard]] std::string lower(std::string_view text);

inline constexpr std::string_view k_blank = " \t\r\n\v\f";

/// `text` without what is blank at its ends.
[[nodiscard]] std::string_view trimmed(std::string_view text, std::string_view blank = k_blank);

} // namespace savepoint
