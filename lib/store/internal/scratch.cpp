#include "store/internal/scratch.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "fs/directories.hpp"
#include "fs/files.hpp"
#include "fs/status.hpp"
#include "store/internal/header.hpp"

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <string>

namespace savepoint::store {

namespace {

constexpr std::uint32_t k_private = 0700;
constexpr int k_most_attempts = 100;
constexpr std::chrono::milliseconds k_not_at_all{0};

// The lock on a directory, if nobody else has it and it is still there once we do.
std::optional<fs::FileLock> lock_directory(const std::filesystem::path& path) {
  const fs::Descriptor directory = fs::open_directory(path);
  std::optional<fs::FileLock> lock =
      fs::FileLock::acquire(fs::open_directory(path), fs::FileLock::Mode::exclusive, k_not_at_all);
  if (!lock) {
    return std::nullopt;
  }
  const std::optional<fs::FileStatus> now = fs::status(path);
  if (!now || now->inode != fs::status_of(directory).inode) {
    return std::nullopt;
  }
  return lock;
}

} // namespace

ScratchDirectory::~ScratchDirectory() {
  if (path_.empty()) {
    return;
  }
  try {
    fs::remove_tree(path_);
  } catch (const Error&) { // NOLINT(bugprone-empty-catch): the next writer sweeps what is left
  }
}

const std::filesystem::path& ScratchDirectory::path() {
  const std::lock_guard guard(mutex_);
  if (path_.empty()) {
    if (!fs::status(parent_)) {
      fs::make_directories(parent_);
    }
    sweep();
    make();
  }
  return path_;
}

void ScratchDirectory::make() {
  for (int attempt = 0; attempt < k_most_attempts; ++attempt) {
    const std::string name = random_hex(8);
    const std::filesystem::path path = parent_ / name;
    // Before it is locked, a sweep may take the directory for an abandoned one.
    try {
      fs::make_directory_at(fs::open_directory(parent_), name.c_str(), k_private);
      fs::give_to_owner_of(parent_, fs::open_directory(path));
      lock_ = lock_directory(path);
    } catch (IoError& error) {
      if (error.error_number() != ENOENT || !fs::status(parent_)) {
        error.set_hint("the store must be writable for this; SAVEPOINT_STORE or --store names "
                       "another one");
        throw;
      }
    }
    if (lock_) {
      path_ = path;
      return;
    }
  }
  throw BusyError("cannot make a directory of our own in " + quoted(parent_.native()));
}

void ScratchDirectory::sweep() const {
  for (const std::string& name : fs::list_names(parent_)) {
    const std::filesystem::path path = parent_ / name;
    try {
      const std::optional<fs::FileStatus> status = fs::status(path);
      if (status && status->kind != fs::FileKind::directory) {
        fs::remove_file(path);
      } else if (const auto lock = status ? lock_directory(path) : std::nullopt) {
        fs::remove_tree(path);
      }
    } catch (const IoError&) { // NOLINT(bugprone-empty-catch): rubbish that stays harms nobody
    }
  }
}

} // namespace savepoint::store
