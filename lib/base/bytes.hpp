#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint {

/// Bytes that somebody owns. Never text: names and contents of files may hold anything.
using Bytes = std::vector<std::byte>;

/// Bytes borrowed for the length of a call.
using ByteView = std::span<const std::byte>;

/// Views the characters of `text` as bytes.
[[nodiscard]] inline ByteView as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

/// Views `bytes` as characters, whatever they are.
[[nodiscard]] inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Copies the characters of `text`.
[[nodiscard]] inline Bytes to_bytes(std::string_view text) {
  const ByteView view = as_bytes(text);
  return {view.begin(), view.end()};
}

} // namespace savepoint
