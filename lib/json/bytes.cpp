#include "json/value.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"

namespace savepoint::json {
namespace {

constexpr std::string_view k_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Base64 of RFC 4648, section 4.
std::string encode(std::string_view bytes) {
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::string_view group = bytes.substr(at, 3);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      bits = (bits << 8U) | (i < group.size() ? static_cast<unsigned char>(group[i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      out += i <= group.size() ? k_alphabet[(bits >> (18U - 6U * i)) & 0x3FU] : '=';
    }
  }
  return out;
}

/// Reads base64. What is not in the alphabet ends it: the caller encodes again and compares.
std::string decode(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const std::size_t value = k_alphabet.find(c);
    if (value == std::string_view::npos) {
      break;
    }
    bits = ((bits << 6U) | static_cast<std::uint32_t>(value)) & 0xFFFFFFU;
    count += 6;
    if (count >= 8) {
      count -= 8;
      out += static_cast<char>(static_cast<unsigned char>((bits >> count) & 0xFFU));
    }
  }
  return out;
}

} // namespace

Value text_or_bytes(std::string_view text) {
  if (is_utf8(text)) {
    return text;
  }
  return Value::object({{"base64", encode(text)}, {"printable", printable(text)}});
}

std::string bytes_of(const Value& value) {
  if (value.is_string()) {
    return value.as_string();
  }
  std::string bytes = decode(value.at("base64").as_string());
  if (text_or_bytes(bytes) != value) {
    throw CorruptionError("expected a string, or one in base64");
  }
  return bytes;
}

} // namespace savepoint::json
