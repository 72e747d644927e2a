#pragma once

#include "base/bytes.hpp"

#include <cstdint>

namespace savepoint::hash {

/// XXH3 of 64 bits (xxHash 0.8, seed 0): finds accidental damage, quickly. It names nothing and
/// resists nobody.
[[nodiscard]] std::uint64_t checksum64(ByteView bytes);

} // namespace savepoint::hash
