#include "git/head_move.hpp"

#include "base/bytes.hpp"
#include "fs/files.hpp"
#include "fs/status.hpp"

#include <algorithm>
#include <cstdint>

namespace savepoint::git {
namespace {

constexpr std::uint64_t k_longest_line = std::uint64_t{16} << 10U;

bool is_id(std::string_view text) {
  return (text.size() == 40 || text.size() == 64) &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

} // namespace

std::optional<std::string> HeadMove::checkout_from() const {
  constexpr std::string_view k_begin = "checkout: moving from ";
  const std::string_view text = message;
  if (!text.starts_with(k_begin)) {
    return std::nullopt;
  }
  const std::string_view names = text.substr(k_begin.size());
  const std::size_t end = names.find(" to "); // no name of a branch has a space
  return end == std::string_view::npos ? std::nullopt
                                       : std::optional(std::string(names.substr(0, end)));
}

std::optional<HeadMove> parse_head_move(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t second = first == std::string_view::npos ? first : line.find(' ', first + 1);
  const std::size_t tab = line.find('\t');
  if (second == std::string_view::npos || tab == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view from = line.substr(0, first);
  const std::string_view to = line.substr(first + 1, second - first - 1);
  if (!is_id(from) || !is_id(to)) {
    return std::nullopt;
  }
  return HeadMove{.from = std::string(from),
                  .to = std::string(to),
                  .message = std::string(line.substr(tab + 1))};
}

std::optional<HeadMove> last_head_move(const Repository& repository) {
  const std::filesystem::path path = repository.git_directory() / "logs/HEAD";
  const std::optional<fs::FileStatus> status = fs::status(path);
  if (!status || status->kind != fs::FileKind::regular || status->size == 0) {
    return std::nullopt;
  }
  const std::uint64_t size = std::min(status->size, k_longest_line);
  const Bytes tail = fs::read_at(fs::open_for_reading(path), status->size - size,
                                 static_cast<std::size_t>(size), path);
  std::string_view text = as_text(tail);
  if (text.ends_with('\n')) {
    text.remove_suffix(1);
  }
  return parse_head_move(text.substr(text.rfind('\n') + 1));
}

} // namespace savepoint::git
