#include "git/branch_birth.hpp"

#include "base/bytes.hpp"
#include "fs/files.hpp"
#include "fs/status.hpp"
#include "git/head_move.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>

namespace savepoint::git {
namespace {

constexpr std::uint64_t k_longest_line = std::uint64_t{16} << 10U;

/// The time in a line of a reflog: "<id> <id> Name <mail> 1700000000 +0100\tmessage".
std::optional<std::chrono::seconds> time_in(std::string_view line) {
  const std::size_t begin = line.substr(0, line.find('\t')).rfind("> ");
  if (begin == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view digits = line.substr(begin + 2);
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
  constexpr std::int64_t k_last = 9'000'000'000; // what nanoseconds can count
  if (error != std::errc{} || end == digits.data() || seconds < 0 || seconds > k_last) {
    return std::nullopt;
  }
  return std::chrono::seconds(seconds);
}

} // namespace

std::optional<Timestamp> branch_birth(const Repository& repository, std::string_view branch) {
  const std::filesystem::path path =
      repository.common_directory() / "logs/refs/heads" / std::string(branch);
  const std::optional<fs::FileStatus> status = fs::status(path);
  if (!status || status->kind != fs::FileKind::regular || status->size == 0) {
    return std::nullopt;
  }
  const Bytes head =
      fs::read_at(fs::open_for_reading(path), 0,
                  static_cast<std::size_t>(std::min(status->size, k_longest_line)), path);
  const std::string_view text = as_text(head);
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  const std::optional<HeadMove> first = parse_head_move(line);
  if (!first || first->from.find_first_not_of('0') != std::string::npos) {
    return std::nullopt; // what came before has expired
  }
  const auto seconds = time_in(line);
  if (!seconds) {
    return std::nullopt;
  }
  const Timestamp noted{*seconds};
  const Timestamp written{std::chrono::nanoseconds(status->mtime_ns)};
  const bool is_only_line = end == std::string_view::npos || end + 1 == status->size;
  const bool is_exact =
      is_only_line && written >= noted && written < noted + std::chrono::seconds(1);
  return is_exact ? written : noted;
}

} // namespace savepoint::git
