#pragma once

#include <string>
#include <string_view>

namespace savepoint::database {

// How the world calls the kinds of databases, and how we do: "postgres", "mariadb", "sqlite".

/// Our name for what the scheme of a URL speaks of: "postgres" for `postgresql+asyncpg`, the part
/// before `+` where we know no other. Lower case.
[[nodiscard]] std::string driver_of_scheme(std::string_view scheme);

/// Our name for what a setting such as `dialect`, `adapter` or `provider` says, in lower case and
/// without `_` and `-`; empty if it is no kind of database.
[[nodiscard]] std::string_view driver_of_setting(std::string_view word);

} // namespace savepoint::database
