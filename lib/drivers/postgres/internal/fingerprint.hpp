#pragma once

#include "database/driver.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace savepoint::drivers::postgres {

/// What a fingerprint is made of.
struct Look {
  std::string view;          ///< Which transactions are done, as `pg_current_snapshot` has it.
  std::string rest;          ///< All else, as bytes.
  bool has_unlogged = false; ///< A crash would empty something of it.
  bool is_durable = false;   ///< A crash would not bring an older state back.

  /// Stands for this state as long as the server runs, and beyond that if it is durable.
  [[nodiscard]] std::string fingerprint() const;
  /// Whether this is what `before` was, but for `transactions` that are done since; and then
  /// nobody else is in the middle of one.
  [[nodiscard]] bool is_moved_by(std::uint64_t transactions, const Look& before) const;
};

/// Nothing if it cannot be said now whether the database is as it was.
[[nodiscard]] std::optional<Look> look_at(const database::Target& target);

/// Driver::fingerprint.
[[nodiscard]] std::optional<std::string> fingerprint(const database::Target& target);

} // namespace savepoint::drivers::postgres
