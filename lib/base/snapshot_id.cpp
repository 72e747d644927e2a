#include "base/snapshot_id.hpp"

#include "base/ascii.hpp"
#include "base/error.hpp"

#include <algorithm>

namespace savepoint {
namespace {

constexpr std::size_t k_time_length = 15; // YYYYMMDD-HHMMSS
constexpr std::size_t k_fewest_digits = 4;
constexpr std::size_t k_most_digits = 64;

bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f');
}

} // namespace

std::optional<SnapshotId> SnapshotId::parse(std::string_view text) {
  if (text.size() < k_time_length + 1 + k_fewest_digits ||
      text.size() > k_time_length + 1 + k_most_digits || text[8] != '-' ||
      text[k_time_length] != '-') {
    return std::nullopt;
  }
  const std::string_view date = text.substr(0, 8);
  const std::string_view time = text.substr(9, 6);
  const std::string_view hex = text.substr(k_time_length + 1);
  if (!std::ranges::all_of(date, is_digit) || !std::ranges::all_of(time, is_digit) ||
      !std::ranges::all_of(hex, is_hex)) {
    return std::nullopt;
  }
  return SnapshotId(std::string(text));
}

SnapshotId SnapshotId::make(Timestamp time, std::string_view hex_digits) {
  std::string text;
  for (const char c : to_iso8601(time).substr(0, 19)) {
    if (c == 'T') {
      text += '-';
    } else if (is_digit(c)) {
      text += c;
    }
  }
  text += '-';
  text += hex_digits;
  const auto id = parse(text);
  if (!id) {
    bug("a snapshot id cannot be made of these digits");
  }
  return *id;
}

} // namespace savepoint
