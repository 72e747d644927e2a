#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace savepoint {

/// A moment, in UTC, to the nanosecond (Unix time: leap seconds are not counted).
using Timestamp = std::chrono::sys_time<std::chrono::nanoseconds>;

/// Tells the time. Passed in wherever time matters, so that tests can turn it back.
class Clock {
public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Timestamp now() const = 0;
};

/// The clock of the machine.
class SystemClock final : public Clock {
public:
  [[nodiscard]] Timestamp now() const override;
};

/// ISO 8601 in UTC with milliseconds: `2026-11-21T04:05:06.789Z`.
[[nodiscard]] std::string to_iso8601(Timestamp time);

/// Reads what `to_iso8601` prints; fractions of a second may be missing or longer. Years are 1678
/// to 2261: what nanoseconds can count.
[[nodiscard]] std::optional<Timestamp> parse_iso8601(std::string_view text);

} // namespace savepoint
