#pragma once

#include "base/timestamp.hpp"

#include <chrono>
#include <string>

namespace savepoint::retention {

// Each names the hour, day, week, month or year of UTC that `time` is in.

[[nodiscard]] std::string hour_of(Timestamp time);  ///< "2026-11-21T04"
[[nodiscard]] std::string day_of(Timestamp time);   ///< "2026-11-21"
[[nodiscard]] std::string week_of(Timestamp time);  ///< "2026-W47", of ISO 8601
[[nodiscard]] std::string month_of(Timestamp time); ///< "2026-11"
[[nodiscard]] std::string year_of(Timestamp time);  ///< "2026"

/// A duration as the configuration has it: "2d", "1y180d", "90s" is "1m30s".
[[nodiscard]] std::string to_text(std::chrono::seconds duration);

} // namespace savepoint::retention
