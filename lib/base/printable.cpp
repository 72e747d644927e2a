#include "base/printable.hpp"

#include <algorithm>
#include <cstddef>

namespace savepoint {
namespace {

bool is_continuation(std::string_view text, std::size_t at) {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
}

/// The length of the well-formed UTF-8 sequence at `at`, 0 if there is none.
std::size_t sequence_length(std::string_view text, std::size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  if (lead < 0x80) {
    return 1;
  }
  const auto second = at + 1 < text.size() ? static_cast<unsigned char>(text[at + 1]) : 0U;
  if (lead >= 0xC2 && lead <= 0xDF) {
    return is_continuation(text, at + 1) ? 2 : 0;
  }
  if (lead >= 0xE0 && lead <= 0xEF) {
    const bool overlong = lead == 0xE0 && second < 0xA0;
    const bool surrogate = lead == 0xED && second > 0x9F;
    const bool complete = is_continuation(text, at + 1) && is_continuation(text, at + 2);
    return complete && !overlong && !surrogate ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const bool overlong = lead == 0xF0 && second < 0x90;
    const bool too_large = lead == 0xF4 && second > 0x8F;
    const bool complete = is_continuation(text, at + 1) && is_continuation(text, at + 2) &&
                          is_continuation(text, at + 3);
    return complete && !overlong && !too_large ? 4 : 0;
  }
  return 0;
}

/// C1 controls (U+0080 to U+009F) can drive a terminal just as ESC can.
bool is_c1_control(std::string_view text, std::size_t at, std::size_t length) {
  return length == 2 && static_cast<unsigned char>(text[at]) == 0xC2 &&
         static_cast<unsigned char>(text[at + 1]) < 0xA0;
}

void append_escaped_byte(std::string& out, char byte) {
  constexpr std::string_view k_digits = "0123456789abcdef";
  switch (byte) {
  case '\n':
    out += "\\n";
    return;
  case '\t':
    out += "\\t";
    return;
  case '\r':
    out += "\\r";
    return;
  case '\\':
    out += "\\\\";
    return;
  default:
    break;
  }
  const auto value = static_cast<unsigned char>(byte);
  out += "\\x";
  out += k_digits[value >> 4U];
  out += k_digits[value & 0x0FU];
}

} // namespace

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = sequence_length(text, at);
    if (length == 0) {
      return false;
    }
    at += length;
  }
  return true;
}

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = sequence_length(text, at);
    const auto lead = static_cast<unsigned char>(text[at]);
    const bool control = length == 1 && (lead < 0x20 || lead == 0x7F || lead == '\\');
    if (length == 0 || control || is_c1_control(text, at, length)) {
      const std::size_t bytes = length == 0 ? 1 : length;
      for (std::size_t i = 0; i < bytes; ++i) {
        append_escaped_byte(out, text[at + i]);
      }
      at += bytes;
      continue;
    }
    out.append(text, at, length);
    at += length;
  }
  return out;
}

std::string_view beginning_of(std::string_view text, std::size_t most) {
  std::size_t end = std::min(most, text.size());
  while (end > 0 && is_continuation(text, end)) {
    --end;
  }
  return text.substr(0, end);
}

std::string quoted(std::string_view text) {
  return "'" + printable(text) + "'";
}

} // namespace savepoint
