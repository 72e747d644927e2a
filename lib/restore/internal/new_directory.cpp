#include "restore/internal/new_directory.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "fs/directories.hpp"
#include "fs/files.hpp"
#include "fs/tree_writer.hpp"
#include "restore/internal/random_name.hpp"

#include <cerrno>
#include <chrono>
#include <system_error>
#include <vector>

namespace savepoint::restore {
namespace {

constexpr std::string_view k_suffix = ".savepoint-partial-";

/// So many files and directories are synced one by one: syncfs would wait for all that others have
/// written to the file system.
constexpr std::size_t k_synced_one_by_one = 16;

std::filesystem::path without_slash(const std::filesystem::path& path) {
  const std::filesystem::path plain = std::filesystem::absolute(path).lexically_normal();
  return plain.has_filename() ? plain : plain.parent_path();
}

void require_free(const std::filesystem::path& path) {
  const std::optional<fs::FileStatus> there = fs::status(path);
  if (!there) {
    return;
  }
  if (there->kind != fs::FileKind::directory || !fs::list_names(path).empty()) {
    throw RefusedError(quoted(path.string()) + " exists and is not an empty directory",
                       "name a directory that does not exist yet");
  }
}

/// Removes what is left of processes that were killed: their locks are gone with them.
void sweep(const std::filesystem::path& path) {
  const std::string prefix = path.filename().string() + std::string(k_suffix);
  for (const std::string& name : fs::list_names(path.parent_path())) {
    const std::filesystem::path left = path.parent_path() / name;
    const auto status = name.starts_with(prefix) ? fs::status(left) : std::nullopt;
    if (status && status->kind == fs::FileKind::directory &&
        fs::FileLock::acquire(fs::open_directory(left), fs::FileLock::Mode::exclusive,
                              std::chrono::milliseconds(0))) {
      fs::remove_tree(left);
    }
  }
}

/// The files and directories from `top` on, open; nothing if there are many, or some that cannot be
/// opened.
std::optional<std::vector<fs::Descriptor>> open_few(const std::filesystem::path& top) {
  std::vector<fs::Descriptor> few;
  try {
    few.push_back(fs::open_directory(top));
    for (const auto& entry : std::filesystem::recursive_directory_iterator(top)) {
      if (few.size() == k_synced_one_by_one) {
        return std::nullopt;
      }
      const std::filesystem::file_type type = entry.symlink_status().type();
      if (type == std::filesystem::file_type::directory) {
        few.push_back(fs::open_directory(entry.path()));
      } else if (type == std::filesystem::file_type::regular) {
        few.push_back(fs::open_for_reading(entry.path()));
      }
    }
  } catch (const std::filesystem::filesystem_error&) {
    return std::nullopt;
  } catch (const IoError&) {
    return std::nullopt;
  }
  return few;
}

} // namespace

NewDirectory::NewDirectory(const std::filesystem::path& path) : path_(without_slash(path)) {
  require_free(path_);
  const std::filesystem::path parent = path_.parent_path();
  if (!fs::status(parent)) {
    fs::make_directories(parent);
  }
  sweep(path_);
  const std::string name = path_.filename().string() + std::string(k_suffix) + random_name();
  temporary_ = parent / name;
  fs::make_directory_at(fs::open_directory(parent), name.c_str(), 0700);
  descriptor_ = fs::open_directory(temporary_);
  lock_ = fs::FileLock::acquire(fs::open_directory(temporary_), fs::FileLock::Mode::exclusive,
                                std::chrono::milliseconds(0));
  if (!lock_) {
    throw BusyError("somebody else uses " + quoted(temporary_.string()));
  }
}

NewDirectory::~NewDirectory() {
  if (temporary_.empty()) {
    return;
  }
  try {
    fs::remove_tree(temporary_);
  } catch (const Error&) {
    return; // the next one sweeps it
  }
}

void NewDirectory::commit() {
  if (const auto few = open_few(temporary_)) {
    for (const fs::Descriptor& entry : *few) {
      fs::sync_descriptor(entry, temporary_.native());
    }
  } else {
    fs::sync_file_system(descriptor_);
  }
  std::error_code error;
  std::filesystem::rename(temporary_, path_, error); // onto an empty directory, or onto nothing
  if (error == std::errc::directory_not_empty || error == std::errc::file_exists) {
    require_free(path_);
  }
  if (error) {
    throw_io_error(error.value(), "rename to", path_.string());
  }
  temporary_.clear();
  fs::sync_directory(path_.parent_path());
}

} // namespace savepoint::restore
