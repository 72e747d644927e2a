#include "git/state_files.hpp"

#include "base/error.hpp"
#include "fs/files.hpp"
#include "fs/status.hpp"
#include "fs/tree_writer.hpp"

#include <fcntl.h>

#include <algorithm>
#include <array>

namespace savepoint::git {
namespace {

using std::string_view;

constexpr std::array<string_view, 19> k_names{
    "AUTO_MERGE",   "CHERRY_PICK_HEAD", "MERGE_AUTOSTASH", "MERGE_HEAD",
    "MERGE_MODE",   "MERGE_MSG",        "MERGE_RR",        "ORIG_HEAD",
    "REBASE_HEAD",  "REVERT_HEAD",      "SQUASH_MSG",      "info/sparse-checkout",
    "rebase-apply", "rebase-merge",     "refs/bisect",     "refs/rewritten",
    "sequencer",    "BISECT_LOG",       "BISECT_START"};
constexpr string_view k_bisect = "BISECT_";
constexpr string_view k_lock = ".lock";
constexpr std::size_t k_deepest = 8;
constexpr std::uint64_t k_largest_file = std::uint64_t{1} << 30U;

bool is_name(string_view path) {
  if (std::ranges::count(k_names, path) > 0) {
    return true;
  }
  return path.starts_with(k_bisect) && path.find('/') == string_view::npos &&
         !path.ends_with(k_lock);
}

void read_below(const std::filesystem::path& git_directory, const std::string& path,
                std::size_t depth, std::vector<StateFile>& files) {
  const std::filesystem::path file = git_directory / path;
  const auto status = fs::status(file);
  if (!status) {
    return;
  }
  if (status->kind == fs::FileKind::directory && depth < k_deepest) {
    for (const std::string& name : fs::list_names(file)) {
      if (!name.ends_with(k_lock) && !name.starts_with(fs::k_temporary_prefix)) {
        read_below(git_directory, path + "/" + name, depth + 1, files);
      }
    }
  } else if (status->kind == fs::FileKind::regular) {
    if (auto content = fs::read_file(file, k_largest_file)) {
      files.push_back({path, std::move(*content)});
    }
  }
}

bool is_hex(string_view text) {
  return text.find_first_not_of("0123456789abcdef") == string_view::npos;
}

bool is_reference(string_view name) {
  constexpr string_view k_never(" ~^:?*[\\\x7f", 9);
  return name.starts_with("refs/") && fs::is_safe_path(name) && !name.ends_with('.') &&
         name.find("..") == string_view::npos && name.find("@{") == string_view::npos &&
         name.find("/.") == string_view::npos && name.find(".lock/") == string_view::npos &&
         !name.ends_with(k_lock) && name.find_first_of(k_never) == string_view::npos &&
         std::ranges::none_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

} // namespace

std::vector<std::string> present_state_names(const std::filesystem::path& git_directory) {
  std::vector<std::string> names = fs::list_names(git_directory);
  std::erase_if(names, [](const std::string& name) { return !is_name(name); });
  for (const string_view name : k_names) {
    if (name.find('/') != string_view::npos && fs::status(git_directory / name)) {
      names.emplace_back(name);
    }
  }
  std::ranges::sort(names);
  return names;
}

bool is_state_path(string_view path) {
  if (!fs::is_safe_path(path)) {
    return false;
  }
  for (std::size_t end = path.find('/'); end != string_view::npos; end = path.find('/', end + 1)) {
    if (is_name(path.substr(0, end))) {
      return true;
    }
  }
  return is_name(path);
}

std::string state_name_of(string_view path) {
  for (std::size_t end = path.find('/'); end != string_view::npos; end = path.find('/', end + 1)) {
    if (is_name(path.substr(0, end))) {
      return std::string(path.substr(0, end));
    }
  }
  if (!is_name(path)) {
    bug("a path that is not of the state of git");
  }
  return std::string(path);
}

std::vector<StateFile> read_state_files(const std::filesystem::path& git_directory) {
  std::vector<StateFile> files;
  for (const std::string& name : present_state_names(git_directory)) {
    read_below(git_directory, name, 0, files);
  }
  std::ranges::sort(files, {}, &StateFile::path);
  return files;
}

std::optional<std::string> read_head_file(const std::filesystem::path& git_directory) {
  constexpr std::uint64_t k_largest_head = 65536;
  const std::filesystem::path file = git_directory / "HEAD";
  const auto status = fs::status(file);
  if (!status) {
    return std::nullopt;
  }
  if (status->kind == fs::FileKind::symlink) { // as the very first versions of git had it
    const auto target = fs::try_read_link_at(AT_FDCWD, file.c_str());
    return target ? std::optional("ref: " + *target.value + "\n") : std::nullopt;
  }
  const auto content = fs::read_file(file, k_largest_head);
  return content ? std::optional(std::string(as_text(*content))) : std::nullopt;
}

std::optional<HeadText> parse_head(string_view text) {
  constexpr string_view k_reference = "ref:";
  constexpr string_view k_space = " \t\n\r";
  const std::size_t end = text.find_last_not_of(k_space);
  text = text.substr(0, end == string_view::npos ? 0 : end + 1);
  if (text.starts_with(k_reference)) {
    text.remove_prefix(k_reference.size());
    text.remove_prefix(std::min(text.find_first_not_of(k_space), text.size()));
    return is_reference(text) ? std::optional(HeadText{std::string(text), std::nullopt})
                              : std::nullopt;
  }
  const bool is_id = (text.size() == 40 || text.size() == 64) && is_hex(text);
  return is_id ? std::optional(HeadText{std::nullopt, std::string(text)}) : std::nullopt;
}

std::vector<std::string> ids_in(string_view text, std::size_t id_length) {
  std::vector<std::string> ids;
  while (!text.empty()) {
    const std::size_t begin = std::min(text.find_first_of("0123456789abcdef"), text.size());
    text.remove_prefix(begin);
    const std::size_t length = std::min(text.find_first_not_of("0123456789abcdef"), text.size());
    if (length == id_length * 2 && std::ranges::count(ids, text.substr(0, length)) == 0) {
      ids.emplace_back(text.substr(0, length));
    }
    text.remove_prefix(length);
  }
  return ids;
}

} // namespace savepoint::git
