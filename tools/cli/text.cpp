#include "cli/text.hpp"

#include "cli/letter_width.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace savepoint::cli {
namespace {

using std::chrono::duration_cast;
using std::chrono::seconds;

/// Reads one code point of well-formed UTF-8 and moves `at` behind it.
char32_t next_code_point(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) {
    return static_cast<char32_t>(static_cast<unsigned char>(i < text.size() ? text[i] : '\0'));
  };
  const char32_t first = byte(at);
  const std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  char32_t value = length == 1 ? first : first & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    value = (value << 6U) | (byte(at + i) & 0x3FU);
  }
  at = std::min(at + length, text.size());
  return value;
}

std::string span_of(seconds span) {
  struct Unit {
    std::int64_t seconds;
    std::string_view name;
  };
  static constexpr std::array k_units{Unit{365 * 86400, "year"}, Unit{30 * 86400, "month"},
                                      Unit{86400, "day"},        Unit{3600, "hour"},
                                      Unit{60, "minute"},        Unit{1, "second"}};
  for (const Unit& unit : k_units) {
    if (span.count() >= unit.seconds) {
      return counted(static_cast<std::uint64_t>(span.count() / unit.seconds), unit.name);
    }
  }
  return counted(0, "second");
}

} // namespace

std::string human_size(std::uint64_t bytes) {
  static constexpr std::array<std::string_view, 6> k_units{"KiB", "MiB", "GiB",
                                                           "TiB", "PiB", "EiB"};
  if (bytes < 1024) {
    return fmt::format("{} B", bytes);
  }
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  // What would be printed as 1024.0 is 1.0 of the next unit.
  while (value >= 1023.95 && unit + 1 < k_units.size()) {
    value /= 1024;
    ++unit;
  }
  return fmt::format("{:.1f} {}", value, k_units[unit]);
}

std::string age(Timestamp then, Timestamp now) {
  const bool past = then <= now;
  const seconds apart = duration_cast<seconds>(past ? now - then : then - now);
  if (apart < seconds(5)) {
    return "just now";
  }
  return past ? span_of(apart) + " ago" : "in " + span_of(apart);
}

std::string human_duration(std::chrono::milliseconds duration) {
  const auto total = duration_cast<seconds>(duration).count();
  if (total < 60) {
    return fmt::format("{:.2f} s", static_cast<double>(duration.count()) / 1000);
  }
  if (total < 3600) {
    return fmt::format("{} min {} s", total / 60, total % 60);
  }
  return fmt::format("{} h {} min", total / 3600, total % 3600 / 60);
}

std::string counted(std::uint64_t number, std::string_view noun, std::string_view plural) {
  if (number == 1) {
    return fmt::format("1 {}", noun);
  }
  return plural.empty() ? fmt::format("{} {}s", number, noun)
                        : fmt::format("{} {}", number, plural);
}

std::string human_time(Timestamp time) {
  const std::string iso = to_iso8601(time);
  return iso.substr(0, 10) + " " + iso.substr(11, 5) + " UTC";
}

std::string_view short_id(std::string_view id) {
  const std::size_t dash = id.rfind('-');
  return dash == std::string_view::npos ? id : id.substr(dash + 1);
}

std::string shell_word(const std::string& word) {
  const bool plain =
      !word.empty() && word.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                              "0123456789_-+=.,/:@~%") == std::string::npos;
  if (plain) {
    return word;
  }
  std::string quoted_word = "'";
  for (const char letter : word) {
    quoted_word += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
  }
  return quoted_word + "'";
}

std::size_t columns(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size();) {
    width += columns_of(next_code_point(text, at));
  }
  return width;
}

std::string shortened(std::string_view text, std::size_t width) {
  if (columns(text) <= width) {
    return std::string(text);
  }
  std::size_t used = 0;
  std::size_t end = 0;
  for (std::size_t at = 0; at < text.size();) {
    used += columns_of(next_code_point(text, at));
    if (used + 1 > width) {
      break;
    }
    end = at;
  }
  return std::string(text.substr(0, end)) + "…";
}

std::string wrapped(std::string_view text, std::size_t width, std::size_t indent) {
  std::string lines;
  std::size_t room = width;
  while (columns(text) > room) {
    std::size_t end = text.find(' ', text.find_first_not_of(' ')); // a word at least
    for (std::size_t next = end;
         next != std::string_view::npos && columns(text.substr(0, next)) <= room;
         next = text.find(' ', next + 1)) {
      end = next;
    }
    if (end == std::string_view::npos) {
      break;
    }
    std::string line(text.substr(0, end));
    line.erase(line.find_last_not_of(' ') + 1);
    lines += line + "\n" + std::string(indent, ' ');
    text.remove_prefix(std::min(text.find_first_not_of(' ', end), text.size()));
    room = width > indent ? width - indent : 1;
  }
  return lines + std::string(text);
}

std::vector<std::size_t> Table::widths() const {
  std::vector<std::size_t> widths(columns_.size(), 0);
  for (const std::vector<std::string>& cells : rows_) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      widths[i] = std::max(widths[i], columns(cells[i]));
    }
  }
  return widths;
}

std::vector<std::string> Table::wrapped_lines(std::size_t width) const {
  constexpr std::size_t k_between = 2;
  constexpr std::size_t k_least = 20; // columns for what goes on; else it does so further left
  const std::vector<std::size_t> all = widths();
  std::size_t indent = 0;
  for (std::size_t i = 0; i + 1 < all.size(); ++i) {
    indent += all[i] + k_between;
  }
  indent = indent + k_least <= width ? indent : k_between;
  std::vector<std::string> broken = lines();
  for (std::string& line : broken) {
    line = wrapped(line, width, indent);
  }
  return broken;
}

std::vector<std::string> Table::lines(std::size_t indent) const {
  const std::vector<std::size_t> widths = this->widths();
  std::vector<std::string> lines;
  lines.reserve(rows_.size());
  for (const std::vector<std::string>& cells : rows_) {
    std::string line(indent, ' ');
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::string padding(widths[i] - columns(cells[i]), ' ');
      line += columns_[i] == Align::right ? padding + cells[i] : cells[i] + padding;
      line += "  ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    lines.push_back(std::move(line));
  }
  return lines;
}

} // namespace savepoint::cli
