#pragma once

#include <string_view>

namespace savepoint::config {

/// Whether a connection URL, of whichever kind, has a password in it. What cannot be told counts as
/// one: a false alarm costs a line in `.env`.
[[nodiscard]] bool has_password(std::string_view url);

} // namespace savepoint::config
