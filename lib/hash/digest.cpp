#include "hash/digest.hpp"

#include "base/error.hpp"

namespace savepoint::hash {
namespace {

constexpr std::string_view k_digits = "0123456789abcdef";

/// The value of a hex digit of either case, 16 for anything else.
unsigned hex_value(char c) {
  if (c >= '0' && c <= '9') {
    return static_cast<unsigned>(c - '0');
  }
  if (c >= 'a' && c <= 'f') {
    return static_cast<unsigned>(c - 'a') + 10U;
  }
  if (c >= 'A' && c <= 'F') {
    return static_cast<unsigned>(c - 'A') + 10U;
  }
  return 16U;
}

} // namespace

std::string Digest::hex() const {
  std::string text(2 * bytes.size(), '0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto value = std::to_integer<unsigned>(bytes[i]);
    text[2 * i] = k_digits[value >> 4U];
    text[2 * i + 1] = k_digits[value & 0x0FU];
  }
  return text;
}

std::optional<Digest> Digest::from_hex(std::string_view text) {
  Digest digest;
  if (text.size() != 2 * digest.bytes.size()) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < digest.bytes.size(); ++i) {
    const unsigned high = hex_value(text[2 * i]);
    const unsigned low = hex_value(text[2 * i + 1]);
    if (high > 15 || low > 15) {
      return std::nullopt;
    }
    digest.bytes[i] = static_cast<std::byte>(high << 4U | low);
  }
  return digest;
}

Digest Digest::from_bytes(ByteView bytes) {
  Digest digest;
  if (bytes.size() != digest.bytes.size()) {
    bug("a digest is made of 32 bytes");
  }
  std::memcpy(digest.bytes.data(), bytes.data(), digest.bytes.size());
  return digest;
}

} // namespace savepoint::hash
