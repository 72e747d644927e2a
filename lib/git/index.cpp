#include "git/index.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "fs/files.hpp"
#include "git/internal/ask_git.hpp"
#include "git/internal/index_format.hpp"

#include <algorithm>
#include <cerrno>

namespace savepoint::git {
namespace {

constexpr std::size_t k_longest_checksum = 32;

/// Opens a file that may be missing.
std::optional<fs::Descriptor> open_existing(const std::filesystem::path& file) {
  try {
    return fs::open_for_reading(file);
  } catch (const IoError& error) {
    if (error.error_number() == ENOENT || error.error_number() == ENOTDIR) {
      return std::nullopt;
    }
    throw;
  }
}

IndexContent list_with_git(const std::filesystem::path& file,
                           const std::filesystem::path& work_tree) {
  Question question;
  question.directory = work_tree;
  // What the index says, even where git would say otherwise because of what is in the work tree.
  question.arguments = {
      "-c", "sparse.expectFilesOutsideOfPatterns=true", "ls-files", "-z", "--stage", "--debug"};
  question.environment["GIT_INDEX_FILE"] = std::filesystem::absolute(file).string();
  Answer answer = ask_git(question);
  if (answer.exit_code != 0) {
    throw CorruptionError("cannot read the git index " + quoted(file.string()) + ": " +
                          answer.complaint);
  }
  return parse_listing(std::move(answer.output), file.string());
}

struct PathOrder {
  bool operator()(const IndexEntry& entry, std::string_view path) const {
    return entry.path < path;
  }
};

} // namespace

struct Index::State {
  IndexContent content;
  std::int64_t written_at_ns = 0;
};

Index::Index(std::unique_ptr<State> state) : state_(std::move(state)) {}
Index::~Index() = default;
Index::Index(Index&&) noexcept = default;
Index& Index::operator=(Index&&) noexcept = default;

Index Index::read(const std::filesystem::path& file, const std::filesystem::path& work_tree) {
  auto state = std::make_unique<State>();
  const auto opened = open_existing(file);
  if (!opened) {
    return Index(std::move(state));
  }
  const fs::FileStatus status = fs::status_of(*opened);
  state->written_at_ns = status.mtime_ns;
  if (status.size == 0) {
    return Index(std::move(state));
  }
  state->content = parse_index(fs::read_at(*opened, 0, static_cast<std::size_t>(status.size), file),
                               file.string());
  if (state->content.needs_git) {
    state->content = list_with_git(file, work_tree);
  }
  return Index(std::move(state));
}

std::optional<IndexStamp> Index::stamp(const std::filesystem::path& file) {
  const auto opened = open_existing(file);
  if (!opened) {
    return std::nullopt;
  }
  const fs::FileStatus status = fs::status_of(*opened);
  const auto size =
      static_cast<std::size_t>(std::min<std::uint64_t>(status.size, k_longest_checksum));
  const Bytes end = fs::read_at(*opened, status.size - size, size, file);
  return IndexStamp{status.size, status.mtime_ns, status.inode, std::string(as_text(end))};
}

std::span<const IndexEntry> Index::entries() const {
  return state_->content.entries;
}

std::span<const IndexEntry> Index::below(std::string_view directory) const {
  const std::vector<IndexEntry>& entries = state_->content.entries;
  if (directory.empty()) {
    return entries;
  }
  std::string bound(directory);
  bound += '/';
  const auto first = std::lower_bound(entries.begin(), entries.end(), bound, PathOrder());
  bound.back() = '/' + 1;
  const auto last = std::lower_bound(first, entries.end(), bound, PathOrder());
  return {first, last};
}

const IndexEntry* Index::find(std::string_view path) const {
  const std::vector<IndexEntry>& entries = state_->content.entries;
  const auto found = std::lower_bound(entries.begin(), entries.end(), path, PathOrder());
  const bool there = found != entries.end() && found->path == path && found->stage == 0;
  return there ? &*found : nullptr;
}

bool Index::tracks(std::string_view path) const {
  const std::vector<IndexEntry>& entries = state_->content.entries;
  const auto found = std::lower_bound(entries.begin(), entries.end(), path, PathOrder());
  return (found != entries.end() && found->path == path) || !below(path).empty();
}

std::int64_t Index::written_at_ns() const {
  return state_->written_at_ns;
}

std::span<const CacheTreeNode> Index::cache_tree() const {
  return state_->content.cache_tree;
}

std::string_view Index::resolve_undo() const {
  return state_->content.resolve_undo;
}

} // namespace savepoint::git
