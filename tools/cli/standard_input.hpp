#pragma once

#include <cstddef>
#include <string>

namespace savepoint::cli {

/// What there is to read on the standard input, to its end, but at most `most` bytes.
///
/// Throws IoError if it cannot be read.
[[nodiscard]] std::string read_standard_input(std::size_t most);

} // namespace savepoint::cli
