#include "discovery/internal/project_files.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "fs/status.hpp"

#include <algorithm>
#include <fcntl.h>
#include <system_error>

namespace savepoint::discovery {
namespace {

constexpr std::uint64_t k_largest_file = std::uint64_t{1} << 20U;

} // namespace

const std::set<std::string, std::less<>>& ProjectFiles::names(const std::string& directory) {
  const auto known = listings_.find(directory);
  if (known != listings_.end()) {
    return known->second;
  }
  std::set<std::string, std::less<>> found;
  if (directory.empty() || has(directory)) {
    // The root may be reached through a link, what is below it may not.
    const std::string path = (directory.empty() ? root_ / "." : root_ / directory).string();
    if (const auto opened = fs::try_open_directory_at(AT_FDCWD, path.c_str())) {
      if (auto listed = fs::try_list(*opened.value)) {
        for (fs::DirectoryEntry& entry : *listed.value) {
          found.insert(std::move(entry.name));
        }
      }
    }
  }
  return listings_.emplace(directory, std::move(found)).first->second;
}

bool ProjectFiles::has(const std::string& path) {
  return names(directory_of(path)).contains(name_of(path));
}

std::optional<std::string> ProjectFiles::read(const std::string& path) {
  if (!has(path)) {
    return std::nullopt;
  }
  // `.env` is often a link to that of another work tree.
  std::error_code failure;
  const std::filesystem::path target = std::filesystem::canonical(root_ / path, failure);
  if (failure) {
    note("cannot read " + quoted(path) + ": " + failure.message());
    return std::nullopt;
  }
  const auto status = fs::try_status_at(AT_FDCWD, target.c_str());
  if (status && status.value->kind != fs::FileKind::regular) {
    return std::nullopt;
  }
  const auto file = fs::try_open_file_at(AT_FDCWD, target.c_str());
  if (!status || !file) {
    const int number = status ? file.error_number : status.error_number;
    note("cannot read " + quoted(path) + ": " + std::generic_category().message(number));
    return std::nullopt;
  }
  if (status.value->size > k_largest_file) {
    note(quoted(path) + " was not read: it is larger than 1 MiB");
    return std::nullopt;
  }
  std::string text(static_cast<std::size_t>(status.value->size), '\0');
  const auto length =
      fs::try_read_at(*file.value, std::as_writable_bytes(std::span(text.data(), text.size())), 0);
  if (!length) {
    note("cannot read " + quoted(path) + ": " +
         std::generic_category().message(length.error_number));
    return std::nullopt;
  }
  text.resize(*length.value);
  if (text.find('\0') != std::string::npos) {
    note(quoted(path) + " was not read: it is no text");
    return std::nullopt;
  }
  if (text.starts_with("\xEF\xBB\xBF")) {
    text.erase(0, 3);
  }
  return text;
}

void ProjectFiles::note(std::string text) {
  if (std::ranges::find(*notes_, text) == notes_->end()) {
    notes_->push_back(std::move(text));
  }
}

std::string joined(std::string_view directory, std::string_view name) {
  return directory.empty() ? std::string(name) : std::string(directory) + "/" + std::string(name);
}

std::string directory_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return std::string(path.substr(0, slash == std::string_view::npos ? 0 : slash));
}

std::string_view name_of(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

std::optional<std::string> inner_path(std::string_view directory, std::string_view path) {
  if (path.starts_with('/')) {
    return std::nullopt;
  }
  std::vector<std::string_view> parts;
  for (std::string_view rest : {directory, path}) {
    while (!rest.empty()) {
      const std::size_t slash = std::min(rest.find('/'), rest.size());
      const std::string_view part = rest.substr(0, slash);
      rest.remove_prefix(std::min(slash + 1, rest.size()));
      if (part == "..") {
        if (parts.empty()) {
          return std::nullopt;
        }
        parts.pop_back();
      } else if (!part.empty() && part != ".") {
        parts.push_back(part);
      }
    }
  }
  std::string out;
  for (const std::string_view part : parts) {
    out = joined(out, part);
  }
  return out;
}

} // namespace savepoint::discovery
