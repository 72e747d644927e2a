#pragma once

#include "base/bytes.hpp"

#include <array>
#include <compare>
#include <cstddef>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace savepoint::hash {

/// A SHA-256: the name of everything in a store.
struct Digest {
  std::array<std::byte, 32> bytes{};

  friend auto operator<=>(const Digest&, const Digest&) = default;

  [[nodiscard]] ByteView view() const { return bytes; }
  /// 64 lower-case hex digits.
  [[nodiscard]] std::string hex() const;
  /// Reads 64 hex digits; nothing if `text` is anything else.
  [[nodiscard]] static std::optional<Digest> from_hex(std::string_view text);
  /// Copies 32 bytes. Requires bytes.size() == 32.
  [[nodiscard]] static Digest from_bytes(ByteView bytes);
};

/// Digests are uniform already: any eight bytes of one are a hash.
struct DigestHash {
  [[nodiscard]] std::size_t operator()(const Digest& digest) const noexcept {
    std::size_t value = 0;
    std::memcpy(&value, digest.bytes.data(), sizeof value);
    return value;
  }
};

} // namespace savepoint::hash
