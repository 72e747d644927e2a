#pragma once

#include "json/value.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace savepoint::manifest {

/// What a kind of document calls itself, and the version that we write.
struct Format {
  std::string_view name;
  std::int64_t version;
};

/// Prints `document` with its checksum as last member: the SHA-256 of the print without it.
[[nodiscard]] std::string print_sealed(json::Value document);

/// Reads what `print_sealed` made; the checksum is taken out. `what` names it in messages.
///
/// Throws CorruptionError; NotFoundError for a newer version.
[[nodiscard]] json::Value parse_sealed(std::string_view text, std::string_view what,
                                       const Format& format);

} // namespace savepoint::manifest
