#pragma once

#include "base/bytes.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace savepoint {

/// Lower-case hex digits of `bytes`.
[[nodiscard]] std::string to_hex(ByteView bytes);
/// The bytes that hex digits of either case stand for; nothing if `text` is anything else.
[[nodiscard]] std::optional<std::string> from_hex(std::string_view text);

} // namespace savepoint
