#include "hooks/internal/owner.hpp"

#include "base/bytes.hpp"
#include "base/printable.hpp"
#include "fs/files.hpp"

#include <utility>

namespace savepoint::hooks {
namespace {

using std::string_view;

constexpr string_view k_branches = "refs/heads/";
constexpr string_view k_detached = "detached";
constexpr string_view k_change = "change ";
constexpr std::uint32_t k_readable = 0644;
constexpr std::uint64_t k_longest = std::uint64_t{64} << 10U;

std::string text_of(const Owner& owner) {
  return owner.branch ? std::string(k_branches) + *owner.branch : std::string(k_detached);
}

std::optional<Owner> parse_owner(string_view text) {
  if (text == k_detached) {
    return Owner{};
  }
  if (!text.starts_with(k_branches) || text.size() == k_branches.size()) {
    return std::nullopt;
  }
  return Owner{std::string(text.substr(k_branches.size()))};
}

string_view next(string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const string_view piece = text.substr(0, end);
  text.remove_prefix(end == string_view::npos ? text.size() : end + 1);
  return piece;
}

/// The next line; empty if it has no end.
string_view next_line(string_view& text) {
  if (text.find('\n') == string_view::npos) {
    text = {};
  }
  return next(text, '\n');
}

/// Of "change <target> <kept> <owner>".
std::optional<OwnerNote::Change> parse_change(string_view line) {
  if (!line.starts_with(k_change)) {
    return std::nullopt;
  }
  line.remove_prefix(k_change.size());
  const auto target = SnapshotId::parse(next(line, ' '));
  const auto kept = SnapshotId::parse(next(line, ' '));
  auto to = parse_owner(line);
  if (!target || !kept || !to) {
    return std::nullopt;
  }
  return OwnerNote::Change{.to = *std::move(to), .target = *target, .kept = *kept};
}

} // namespace

std::filesystem::path owner_file(const std::filesystem::path& git_directory) {
  return git_directory / "savepoint-follow";
}

std::string to_text(const OwnerNote& note) {
  std::string text = text_of(note.owner) + "\n";
  if (note.change) {
    text += std::string(k_change) + note.change->target.text() + " " + note.change->kept.text() +
            " " + text_of(note.change->to) + "\n";
  }
  return text;
}

std::optional<OwnerNote> parse_owner_note(string_view text) {
  std::optional<Owner> owner = parse_owner(next_line(text));
  if (!owner) {
    return std::nullopt;
  }
  return OwnerNote{.owner = *std::move(owner), .change = parse_change(next_line(text))};
}

std::optional<OwnerNote> read_owner(const git::Repository& repository) {
  const std::optional<Bytes> text =
      fs::read_file(owner_file(repository.git_directory()), k_longest);
  return text ? parse_owner_note(as_text(*text)) : std::nullopt;
}

void write_owner(const git::Repository& repository, const OwnerNote& note) {
  fs::AtomicFile file(owner_file(repository.git_directory()));
  file.write(as_bytes(to_text(note)));
  file.set_mode(k_readable);
  file.commit();
}

void forget_owner(const git::Repository& repository) {
  static_cast<void>(fs::remove_file(owner_file(repository.git_directory())));
}

Owner owner_by_head(const git::Repository& repository) {
  return {repository.head().branch};
}

std::string named(const Owner& owner) {
  return owner.branch ? printable(*owner.branch) : "a detached HEAD";
}

} // namespace savepoint::hooks
