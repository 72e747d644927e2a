#include "retention/internal/buckets.hpp"

#include <array>
#include <cstdio>
#include <string_view>
#include <utility>

namespace savepoint::retention {

std::string hour_of(Timestamp time) {
  return to_iso8601(time).substr(0, 13);
}

std::string day_of(Timestamp time) {
  return to_iso8601(time).substr(0, 10);
}

std::string week_of(Timestamp time) {
  // A week belongs to the year that its Thursday is in.
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const auto days_from_monday = std::chrono::weekday(day).iso_encoding() - 1;
  const std::chrono::sys_days thursday =
      day - std::chrono::days(days_from_monday) + std::chrono::days(3);
  const std::chrono::year year = std::chrono::year_month_day(thursday).year();
  const auto days_before = thursday - std::chrono::sys_days(year / std::chrono::January / 1);
  std::array<char, 32> text{};
  const int length = std::snprintf(text.data(), text.size(), "%04d-W%02d", static_cast<int>(year),
                                   static_cast<int>(days_before.count() / 7 + 1));
  return {text.data(), static_cast<std::size_t>(length)};
}

std::string month_of(Timestamp time) {
  return to_iso8601(time).substr(0, 7);
}

std::string year_of(Timestamp time) {
  return to_iso8601(time).substr(0, 4);
}

std::string to_text(std::chrono::seconds duration) {
  constexpr std::int64_t k_hour = 3600;
  constexpr std::int64_t k_day = 24 * k_hour;
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> k_units = {
      {{"y", 365 * k_day}, {"d", k_day}, {"h", k_hour}, {"m", 60}, {"s", 1}}};
  std::string text;
  std::int64_t left = duration.count();
  for (const auto& [name, seconds] : k_units) {
    if (left >= seconds) {
      text += std::to_string(left / seconds);
      text += name;
      left %= seconds;
    }
  }
  return text.empty() ? "0s" : text;
}

} // namespace savepoint::retention
