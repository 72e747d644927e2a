#pragma once

#include "fs/lock.hpp"

#include <filesystem>
#include <mutex>
#include <optional>

namespace savepoint::store {

/// A directory below scratch/ that belongs to this process as long as the object lives: a lock on
/// it says so, and a directory whose lock is free belongs to nobody and is swept.
///
/// Safe to use from several threads.
class ScratchDirectory {
public:
  /// `parent` is the store's scratch/. Nothing is made before `path` is first asked for.
  explicit ScratchDirectory(std::filesystem::path parent) : parent_(std::move(parent)) {}
  /// Removes the directory and all that is in it.
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  /// Makes the directory, sweeping what dead processes left, when called first.
  [[nodiscard]] const std::filesystem::path& path();

private:
  void make();
  void sweep() const;

  std::filesystem::path parent_;
  std::mutex mutex_;
  std::filesystem::path path_;
  std::optional<fs::FileLock> lock_;
};

} // namespace savepoint::store
