#pragma once

#include "database/address.hpp"

#include <string>
#include <string_view>

namespace savepoint::database {

/// Undoes `%40`. A `%` that begins no such pair stays as it is.
[[nodiscard]] std::string percent_decoded(std::string_view text);

/// Reads what follows `?` and moves what says user, password, host, port and database to where it
/// belongs.
void apply_query(Address& address, std::string_view query);
/// One of those; `value` is decoded already.
void apply_parameter(Address& address, std::string_view key, std::string value);

/// A port, 0 if `text` is empty. Throws UsageError without a part of the text.
[[nodiscard]] std::uint16_t port_of(std::string_view text, std::string_view driver);

/// Reads `user:password@host:port/database?parameters`, which followed `driver://`.
[[nodiscard]] Address parse_server(const std::string& driver, std::string_view rest);

/// Throws UsageError: "cannot read the postgres URL: <why>".
[[noreturn]] void refuse_url(std::string_view driver, std::string_view why);

} // namespace savepoint::database
