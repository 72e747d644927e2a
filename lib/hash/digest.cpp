#include "hash/digest.hpp"

#include "base/ascii.hpp"
#include "base/error.hpp"

namespace savepoint::hash {
namespace {

constexpr std::string_view k_digits = "0123456789abcdef";

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
    const int high = hex_value(text[2 * i]);
    const int low = hex_value(text[2 * i + 1]);
    if (high < 0 || low < 0) {
      return std::nullopt;
    }
    digest.bytes[i] = static_cast<std::byte>(high * 16 + low);
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
