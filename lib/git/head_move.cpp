#include "git/head_move.hpp"

#include "base/bytes.hpp"
#include "fs/files.hpp"
#include "fs/status.hpp"

#include <algorithm>
#include <cstdint>

namespace savepoint::git {
namespace {

constexpr std::uint64_t k_longest_line = std::uint64_t{16} << 10U;
constexpr std::uint64_t k_looked_through = std::uint64_t{1} << 20U;

struct FromTo {
  std::string_view from;
  std::string_view to;
};

bool is_id(std::string_view text) {
  return (text.size() == 40 || text.size() == 64) &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// Of "<begin><from> to <to>": no name of a branch has a space.
std::optional<FromTo> names_in(std::string_view message, std::string_view begin) {
  constexpr std::string_view k_between = " to ";
  const std::size_t end = message.find(k_between, std::min(begin.size(), message.size()));
  if (!message.starts_with(begin) || end == std::string_view::npos) {
    return std::nullopt;
  }
  return FromTo{message.substr(begin.size(), end - begin.size()),
                message.substr(end + k_between.size())};
}

std::optional<FromTo> checkout_in(std::string_view message) {
  return names_in(message, "checkout: moving from ");
}

std::optional<FromTo> renaming_in(std::string_view message) {
  constexpr std::string_view k_branches = "refs/heads/";
  std::optional<FromTo> names = names_in(message, "Branch: renamed ");
  if (!names || !names->from.starts_with(k_branches) || !names->to.starts_with(k_branches)) {
    return std::nullopt;
  }
  names->from.remove_prefix(k_branches.size());
  names->to.remove_prefix(k_branches.size());
  return names;
}

/// The end of HEAD's reflog, without the last line's end; empty if there is none.
std::string read_reflog_tail(const Repository& repository, std::uint64_t limit) {
  const std::filesystem::path path = repository.git_directory() / "logs/HEAD";
  const std::optional<fs::FileStatus> status = fs::status(path);
  if (!status || status->kind != fs::FileKind::regular || status->size == 0) {
    return "";
  }
  const std::uint64_t size = std::min(status->size, limit);
  const Bytes tail = fs::read_at(fs::open_for_reading(path), status->size - size,
                                 static_cast<std::size_t>(size), path);
  std::string_view text = as_text(tail);
  if (text.ends_with('\n')) {
    text.remove_suffix(1);
  }
  return std::string(text);
}

} // namespace

std::optional<std::string> HeadMove::checkout_from() const {
  const std::optional<FromTo> names = checkout_in(message);
  return names ? std::optional(std::string(names->from)) : std::nullopt;
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
  const std::string tail = read_reflog_tail(repository, k_longest_line);
  return parse_head_move(std::string_view(tail).substr(tail.rfind('\n') + 1));
}

std::optional<std::string> renamed_under_head(const Repository& repository,
                                              const std::string& branch) {
  const std::string tail = read_reflog_tail(repository, k_looked_through);
  std::string by_now = branch;
  bool was_there = false;
  std::string_view left = tail;
  while (!left.empty()) {
    const std::size_t end = std::min(left.find('\n'), left.size());
    const std::optional<HeadMove> move = parse_head_move(left.substr(0, end));
    left.remove_prefix(std::min(end + 1, left.size()));
    const auto checkout = move ? checkout_in(move->message) : std::nullopt;
    const auto renaming = move ? renaming_in(move->message) : std::nullopt;
    for (const std::optional<FromTo>& names : {checkout, renaming}) {
      was_there = was_there || (names && (names->from == branch || names->to == branch));
    }
    if ((checkout && checkout->to == branch) || (renaming && renaming->to == branch)) {
      by_now = branch; // what came before is of another branch of that name
    } else if (renaming && renaming->from == by_now) {
      by_now = renaming->to;
    }
  }
  return was_there ? std::optional(by_now) : std::nullopt;
}

} // namespace savepoint::git
