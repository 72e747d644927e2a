#include "config/config.hpp"

#include "base/ascii.hpp"
#include "base/error.hpp"
#include "base/printable.hpp"

#include <array>
#include <limits>

namespace savepoint::config {
namespace {

constexpr auto k_most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

/// Takes the digits off the front of `text`; nothing if there are none or too many.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  constexpr std::size_t k_most_digits = 18; // always below k_most
  std::uint64_t number = 0;
  std::size_t length = 0;
  for (; length < text.size() && is_digit(text[length]); ++length) {
    if (length == k_most_digits) {
      return std::nullopt;
    }
    number = number * 10 + static_cast<std::uint64_t>(text[length] - '0');
  }
  text.remove_prefix(length);
  return length == 0 ? std::nullopt : std::optional(number);
}

struct Unit {
  std::string_view name;
  std::uint64_t value;
};

constexpr std::uint64_t k_day = std::uint64_t{24} * 3600;
constexpr std::array k_time_units = {
    Unit{"s", 1},         Unit{"m", 60},          Unit{"h", 3600},        Unit{"d", k_day},
    Unit{"w", 7 * k_day}, Unit{"mo", 30 * k_day}, Unit{"y", 365 * k_day},
};

/// Takes the letters off the front of `text` and says how many seconds they are.
std::optional<std::uint64_t> take_time_unit(std::string_view& text) {
  std::size_t length = 0;
  while (length < text.size() && !is_digit(text[length])) {
    ++length;
  }
  const std::string_view name = text.substr(0, length);
  text.remove_prefix(length);
  for (const Unit& unit : k_time_units) {
    if (unit.name == name) {
      return unit.value;
    }
  }
  return std::nullopt;
}

std::optional<std::uint64_t> seconds_in(std::string_view text) {
  std::uint64_t sum = 0;
  do {
    const auto number = take_number(text);
    const auto unit = take_time_unit(text);
    // The limit keeps a time minus the duration within what nanoseconds can count.
    constexpr std::uint64_t k_longest = k_day * 365 * 200;
    if (!number || !unit || *number > k_longest / *unit || sum + *number * *unit > k_longest) {
      return std::nullopt;
    }
    sum += *number * *unit;
  } while (!text.empty());
  return sum;
}

/// How many bytes "", "K", "KB", "KiB", "k" … stand for.
std::optional<std::uint64_t> size_unit(std::string_view name) {
  constexpr std::string_view k_letters = "KMGT";
  if (name.empty() || name == "B") {
    return 1;
  }
  const char letter =
      name[0] >= 'a' && name[0] <= 'z' ? static_cast<char>(name[0] - 'a' + 'A') : name[0];
  const std::size_t power = k_letters.find(letter);
  const std::string_view rest = name.substr(1);
  if (power == std::string_view::npos || (!rest.empty() && rest != "B" && rest != "iB")) {
    return std::nullopt;
  }
  return std::uint64_t{1} << (10 * (power + 1));
}

std::optional<std::uint64_t> bytes_in(std::string_view text) {
  const auto whole = take_number(text);
  if (!whole) {
    return std::nullopt;
  }
  std::uint64_t fraction = 0;
  std::uint64_t scale = 1;
  const bool has_fraction = text.starts_with('.');
  if (has_fraction) {
    constexpr std::size_t k_most_fraction_digits = 6;
    text.remove_prefix(1);
    const std::size_t before = text.size();
    const auto digits = take_number(text);
    const std::size_t length = before - text.size();
    if (!digits || length > k_most_fraction_digits) {
      return std::nullopt;
    }
    fraction = *digits;
    for (std::size_t i = 0; i < length; ++i) {
      scale *= 10;
    }
  }
  const auto unit = size_unit(text);
  if (!unit || (has_fraction && *unit == 1) || *whole > (k_most - (*unit - 1)) / *unit) {
    return std::nullopt;
  }
  return *whole * *unit + fraction * *unit / scale;
}

} // namespace

std::chrono::seconds parse_duration(std::string_view text, std::string_view what) {
  const auto seconds = seconds_in(text);
  if (!seconds) {
    throw UsageError(std::string(what) + ": expected a duration, not " + quoted(text),
                     "write it as 90s, 15m, 36h, 10d, 2w, 3mo, 1y, or a sum such as 1y6mo");
  }
  return std::chrono::seconds(*seconds);
}

std::uint64_t parse_size(std::string_view text, std::string_view what) {
  const auto bytes = bytes_in(text);
  if (!bytes) {
    throw UsageError(std::string(what) + ": expected a size, not " + quoted(text),
                     "write it as 500M, 10G or 1.5GiB; K, M, G and T are powers of 1024");
  }
  return *bytes;
}

} // namespace savepoint::config
