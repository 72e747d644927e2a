#pragma once

#include "database/driver.hpp"
#include "fs/descriptor.hpp"
#include "fs/status.hpp"

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace savepoint::drivers::sqlite {

/// What SQLite appends to the name of a database for the files that belong to it.
inline constexpr std::array<std::string_view, 3> k_companion_suffixes{"-wal", "-shm", "-journal"};
/// Of these, what has content of its own: "-shm" is an index of "-wal".
inline constexpr std::array<std::string_view, 2> k_log_suffixes{"-wal", "-journal"};

/// Where a database is, symlinks resolved. Sets `failure` to ENOENT and the like if it is not
/// there, to ELOOP if a symlink leads out of the project.
[[nodiscard]] std::filesystem::path resolved(const database::Target& target,
                                             std::error_code& failure);

/// Where a database goes: a name in an open directory, reached from the project's root without a
/// symlink. Missing directories are made (0755); unless `keep`, those go again at the end.
class Place {
public:
  /// Throws RefusedError if a symlink, or what is not a file, stands in the way.
  explicit Place(const database::Target& target);
  ~Place();
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  [[nodiscard]] const fs::Descriptor& directory() const { return directory_; }
  /// Opens the same directory once more, whatever its path leads to by now.
  [[nodiscard]] fs::Descriptor open_again() const;
  [[nodiscard]] const std::filesystem::path& directory_path() const { return directory_path_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::filesystem::path file() const { return directory_path_ / name_; }
  /// The file that is there now, if any. Throws RefusedError as the constructor does.
  [[nodiscard]] std::optional<fs::FileStatus> status() const;

  void keep() noexcept { made_.clear(); }

private:
  void make_directory(const std::string& parent);

  fs::Descriptor root_;
  std::vector<std::string> made_; ///< Below the root, the outermost first.
  fs::Descriptor directory_;
  std::filesystem::path directory_path_;
  std::string name_;
};

} // namespace savepoint::drivers::sqlite
