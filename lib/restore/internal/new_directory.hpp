#pragma once

#include "fs/descriptor.hpp"
#include "fs/lock.hpp"

#include <filesystem>
#include <optional>

namespace savepoint::restore {

/// A directory that appears under its name whole and durable, or not at all: until `commit` all
/// lies under a temporary name beside it, which the destructor removes.
class NewDirectory {
public:
  /// Removes what killed processes left beside `path`.
  ///
  /// Throws RefusedError if `path` exists and is not an empty directory.
  explicit NewDirectory(const std::filesystem::path& path);
  ~NewDirectory();
  NewDirectory(const NewDirectory&) = delete;
  NewDirectory& operator=(const NewDirectory&) = delete;

  [[nodiscard]] const fs::Descriptor& descriptor() const { return descriptor_; }
  /// Where it is for now.
  [[nodiscard]] const std::filesystem::path& path() const { return temporary_; }
  void commit();

private:
  std::filesystem::path path_;
  std::filesystem::path temporary_;
  fs::Descriptor descriptor_;
  std::optional<fs::FileLock> lock_;
};

} // namespace savepoint::restore
