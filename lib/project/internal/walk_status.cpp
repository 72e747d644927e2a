// git status of one directory: its names against the index.

#include "base/error.hpp"
#include "fs/files.hpp"
#include "project/internal/git_object.hpp"
#include "project/internal/walk.hpp"
#include "project/internal/walk_node.hpp"

#include <algorithm>
#include <cerrno>
#include <iterator>

namespace savepoint::project {
namespace {

constexpr std::uint32_t k_type_mask = 0170000;
constexpr std::uint32_t k_symlink = 0120000;
constexpr std::int64_t k_nanoseconds = 1'000'000'000;
constexpr std::uint64_t k_largest_attributes = std::uint64_t{1} << 20U;

/// The index keeps 32 bits of seconds; nanoseconds are 0 where the writer did not know them.
bool same_time(std::int64_t time_ns, std::uint32_t seconds, std::uint32_t nanoseconds) {
  const std::int64_t whole =
      time_ns >= 0 ? time_ns / k_nanoseconds : (time_ns - k_nanoseconds + 1) / k_nanoseconds;
  return static_cast<std::uint32_t>(whole) == seconds &&
         (nanoseconds == 0 ||
          static_cast<std::uint32_t>(time_ns - whole * k_nanoseconds) == nanoseconds);
}

bool same_status(const fs::FileStatus& status, const git::IndexStat& stat) {
  return static_cast<std::uint32_t>(status.size) == stat.size &&
         same_time(status.mtime_ns, stat.mtime_seconds, stat.mtime_nanoseconds) &&
         same_time(status.ctime_ns, stat.ctime_seconds, stat.ctime_nanoseconds) &&
         static_cast<std::uint32_t>(status.inode) == stat.inode;
}

std::optional<std::array<std::byte, 32>> object_from_hex(const std::string& hex) {
  std::array<std::byte, 32> object{};
  if (hex.size() % 2 != 0 || hex.size() / 2 > object.size()) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < hex.size() / 2; ++i) {
    const auto digit = [&](std::size_t at) -> unsigned {
      const char c = hex[at];
      return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10);
    };
    object[i] = static_cast<std::byte>(digit(2 * i) << 4U | digit(2 * i + 1));
  }
  return object;
}

/// The entries of `all` that lie below `directory`, which ends in a slash and holds the first of
/// them.
std::span<const git::IndexEntry> leading(std::span<const git::IndexEntry> all,
                                         std::string_view directory) {
  const auto end = std::ranges::partition_point(
      all, [&](const git::IndexEntry& entry) { return entry.path.starts_with(directory); });
  return all.first(static_cast<std::size_t>(end - all.begin()));
}

/// All stages of the path that comes first.
std::span<const git::IndexEntry> leading_stages(std::span<const git::IndexEntry> all) {
  const auto end = std::ranges::find_if(
      all, [&](const git::IndexEntry& entry) { return entry.path != all.front().path; });
  return all.first(static_cast<std::size_t>(end - all.begin()));
}

WalkEntry* find_entry(WalkNode& node, std::string_view name) {
  const auto found = std::ranges::lower_bound(node.entries, name, {}, &WalkEntry::name);
  return found != node.entries.end() && found->name == name ? &*found : nullptr;
}

bool file_mentions_encodings(const std::filesystem::path& path) {
  try {
    const std::optional<Bytes> text = fs::read_file(path);
    return text && mentions_encodings(as_text(*text));
  } catch (const IoError&) { // nobody knows what it says
    return true;
  }
}

bool is_looked_at(const git::IndexEntry& tracked) {
  return tracked.stage == 0 && !tracked.skip_worktree && !tracked.assume_valid;
}

} // namespace

void Walk::compare_with_index(WalkNode& node) {
  const bool same =
      index_unchanged_ && node.same_directory &&
      node.entries.size() == node.cached->entries().size() &&
      std::ranges::all_of(node.entries, [](const WalkEntry& entry) {
        // What is below a directory decides whether it is a line itself.
        return entry.is_directory() && entry.in_code() ? entry.block_is_old : entry.same;
      });
  if (same && (node.cached->header().flags & k_git_clean) != 0) {
    node.flags |= k_git_clean;
    return;
  }
  const std::span<const git::IndexEntry> tracked = index_->get()->below(node.path);
  StatusLines lines;
  if (!tracked.empty() || !node.parent) { // else it is untracked as a whole, which its parent says
    compare_tracked(node, tracked, lines);
    list_untracked(node, lines);
  }
  if (lines.unstaged.empty() && lines.untracked.empty() && lines.conflicts.empty()) {
    node.flags |= k_git_clean;
    return;
  }
  const std::lock_guard guard(results_mutex_);
  std::ranges::move(lines.unstaged, std::back_inserter(results_.unstaged));
  std::ranges::move(lines.untracked, std::back_inserter(results_.untracked));
  std::ranges::move(lines.conflicts, std::back_inserter(results_.conflicts));
}

void Walk::compare_tracked(WalkNode& node, std::span<const git::IndexEntry> left,
                           StatusLines& lines) {
  const std::size_t prefix = node.path.empty() ? 0 : node.path.size() + 1;
  while (!left.empty()) {
    const git::IndexEntry& tracked = left.front();
    const std::string_view rest = tracked.path.substr(prefix);
    const std::size_t slash = rest.find('/');
    WalkEntry* entry = find_entry(node, rest.substr(0, slash));
    if (slash == std::string_view::npos) {
      compare_file(node, entry, tracked, lines);
      left = left.subspan(leading_stages(left).size());
      continue;
    }
    const auto inside = leading(left, tracked.path.substr(0, prefix + slash + 1));
    if (entry != nullptr && entry->is_directory() && entry->in_code()) {
      entry->tracked = true;
    } else {
      for (const git::IndexEntry& gone : inside) {
        if (is_looked_at(gone)) {
          lines.unstaged.push_back({std::string(gone.path), 'D', "", gone.mode});
        }
      }
    }
    left = left.subspan(inside.size());
  }
}

void Walk::compare_file(WalkNode& node, WalkEntry* entry, const git::IndexEntry& tracked,
                        StatusLines& lines) {
  if (entry != nullptr) {
    entry->tracked = true;
  }
  if (tracked.stage != 0) {
    lines.conflicts.emplace_back(tracked.path);
    return;
  }
  const bool submodule = (tracked.mode & k_type_mask) == git::k_submodule;
  if (!is_looked_at(tracked) || submodule) {
    return;
  }
  const char code = entry == nullptr ? 'D' : compare_entry(node, *entry, tracked);
  if (code != ' ') {
    lines.unstaged.push_back({std::string(tracked.path), code, "", tracked.mode});
  }
}

/// git's letter for how a file differs from the index; a space if it does not.
char Walk::compare_entry(WalkNode& node, WalkEntry& entry, const git::IndexEntry& tracked) {
  if (entry.is_directory()) {
    return 'D';
  }
  if (tracked.intent_to_add) {
    return 'A';
  }
  const bool is_link = entry.kind == fs::FileKind::symlink;
  if (is_link != ((tracked.mode & k_type_mask) == k_symlink) ||
      (!is_link && entry.kind != fs::FileKind::regular)) {
    return 'T';
  }
  const bool executable = (entry.status.mode & 0100U) != 0;
  if (!is_link && compare_modes_ && executable != ((tracked.mode & 0100U) != 0)) {
    return 'M';
  }
  const bool index_saw_it = same_status(entry.status, tracked.stat) &&
                            entry.status.mtime_ns < index_->get()->written_at_ns();
  return index_saw_it || has_object_of(node, entry, tracked) ? ' ' : 'M';
}

/// Whether the content is what the index has: asked of git's own hash, and remembered.
bool Walk::has_object_of(WalkNode& node, WalkEntry& entry, const git::IndexEntry& tracked) {
  if ((entry.flags & k_has_object) == 0) {
    const auto object = object_of(node, entry, tracked.object.size());
    if (!object) {
      return false;
    }
    entry.object = *object;
    entry.flags |= k_has_object;
  }
  return std::ranges::equal(ByteView(entry.object).first(tracked.object.size()), tracked.object);
}

std::optional<git::RawId> Walk::object_of(WalkNode& node, const WalkEntry& entry,
                                          std::size_t id_length) {
  if (entry.kind == fs::FileKind::symlink) {
    git::BlobHash hash(entry.target.size(), id_length);
    hash.update(as_bytes(entry.target));
    return hash.finish();
  }
  if (!may_have_encodings(node)) {
    if (auto plain = plain_object(node.directory, entry.name.c_str(), entry.status, id_length)) {
      return plain;
    }
  }
  const std::lock_guard guard(repository_mutex_);
  const std::optional<std::string> hex =
      project_->repository()->hash_file(node.path_of(entry.name));
  return hex ? object_from_hex(*hex) : std::nullopt;
}

bool Walk::may_have_encodings(WalkNode& node) {
  std::call_once(node.encodings_asked, [&] {
    node.may_have_encodings =
        (node.parent && may_have_encodings(*node.parent)) || attributes_mention_encodings(node);
  });
  return node.may_have_encodings;
}

/// Its own attributes, and for the root those of the whole work tree.
bool Walk::attributes_mention_encodings(const WalkNode& node) {
  constexpr const char* k_name = ".gitattributes";
  const auto file = fs::try_open_file_at(node.directory.number(), k_name);
  if (file) {
    const std::uint64_t size = fs::status_of(*file.value).size;
    Bytes text(static_cast<std::size_t>(std::min<std::uint64_t>(size, k_largest_attributes)));
    const auto got = fs::try_read_at(*file.value, text, 0);
    if (!got || size > k_largest_attributes ||
        mentions_encodings(as_text(ByteView(text).first(*got.value)))) {
      return true;
    }
  } else if (file.error_number != ENOENT || index_->get()->tracks(node.path_of(k_name))) {
    return true; // git takes them from the index then
  }
  if (node.parent) {
    return false;
  }
  const auto home = project_->context().environment.find("HOME");
  const auto home_path = home == project_->context().environment.end()
                             ? std::nullopt
                             : std::optional<std::filesystem::path>(home->second);
  const std::lock_guard guard(repository_mutex_);
  return std::ranges::any_of(project_->repository()->attribute_files(home_path),
                             file_mentions_encodings);
}

void Walk::list_untracked(const WalkNode& node, StatusLines& lines) {
  for (const WalkEntry& entry : node.entries) {
    const bool shown = !entry.tracked && (entry.flags & k_ignored) == 0 &&
                       entry.kind != fs::FileKind::fifo &&
                       (!entry.is_directory() || entry.files_below > 0);
    if (shown) {
      lines.untracked.push_back(node.path_of(entry.name) + (entry.is_directory() ? "/" : ""));
    }
  }
}

} // namespace savepoint::project
