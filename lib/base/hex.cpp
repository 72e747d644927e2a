#include "base/hex.hpp"

#include "base/ascii.hpp"

namespace savepoint {

std::string to_hex(ByteView bytes) {
  constexpr std::string_view k_digits = "0123456789abcdef";
  std::string result;
  result.reserve(2 * bytes.size());
  for (const std::byte byte : bytes) {
    result.push_back(k_digits[std::to_integer<std::size_t>(byte >> 4)]);
    result.push_back(k_digits[std::to_integer<std::size_t>(byte & std::byte{15})]);
  }
  return result;
}

std::optional<std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) {
    return std::nullopt;
  }
  std::string result;
  result.reserve(text.size() / 2);
  for (std::size_t at = 0; at < text.size(); at += 2) {
    const int high = hex_value(text[at]);
    const int low = hex_value(text[at + 1]);
    if (high < 0 || low < 0) {
      return std::nullopt;
    }
    result.push_back(static_cast<char>(high * 16 + low));
  }
  return result;
}

} // namespace savepoint
