#pragma once

#include "fs/descriptor.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace savepoint::fs {

enum class FileKind : std::uint8_t { regular, directory, symlink, fifo, socket, device };

/// What the file system says of one file, without following a symlink.
struct FileStatus {
  FileKind kind = FileKind::regular;
  std::uint32_t mode = 0; ///< Permission, setuid, setgid and sticky bits: at most 07777.
  std::uint32_t links = 1;
  std::uint32_t user = 0;
  std::uint32_t group = 0;
  std::uint64_t size = 0;
  std::uint64_t allocated = 0; ///< Bytes on disk; less than `size` where the file has holes.
  std::uint64_t inode = 0;
  std::uint64_t device = 0;
  std::int64_t mtime_ns = 0; ///< Since 1970, may be negative.
  std::int64_t ctime_ns = 0;

  friend bool operator==(const FileStatus&, const FileStatus&) = default;
};

/// The status of `name` in `directory` (AT_FDCWD for a path); nothing if it does not exist. Never
/// follows a symlink at the end. Other failures throw IoError with `name`.
[[nodiscard]] std::optional<FileStatus> status_at(int directory, const char* name);
[[nodiscard]] std::optional<FileStatus> status(const std::filesystem::path& path);
[[nodiscard]] FileStatus status_of(const Descriptor& file);

/// Within what a rename works: a file system, and one mount of it, since the kernel renames nothing
/// from one to another although it is the same file system.
struct RenameRange {
  std::uint64_t device = 0;
  std::uint64_t mount = 0; ///< 0 where the kernel does not tell.

  friend bool operator==(const RenameRange&, const RenameRange&) = default;
};
[[nodiscard]] RenameRange rename_range_of(const Descriptor& directory);
/// Whether we may make and remove names in an open directory.
[[nodiscard]] bool may_change(const Descriptor& directory);

/// What an attempt to look at or open somebody's file gave: the value, or the errno. Trouble with
/// the files of a project is a result to report, not an exception; see `Error`.
template <typename T> struct Attempt {
  std::optional<T> value;
  int error_number = 0;
  [[nodiscard]] explicit operator bool() const { return value.has_value(); }
};

[[nodiscard]] Attempt<FileStatus> try_status_at(int directory, const char* name);
/// Opens a directory below `directory` without following a symlink.
[[nodiscard]] Attempt<Descriptor> try_open_directory_at(int directory, const char* name);
/// Opens a regular file for reading, without following a symlink and without blocking on a FIFO.
[[nodiscard]] Attempt<Descriptor> try_open_file_at(int directory, const char* name);
/// Where a symlink points, byte for byte.
[[nodiscard]] Attempt<std::string> try_read_link_at(int directory, const char* name);

/// Reads up to into.size() bytes at `offset`, less only at the end of the file.
[[nodiscard]] Attempt<std::size_t> try_read_at(const Descriptor& file, std::span<std::byte> into,
                                               std::uint64_t offset);

/// One name in a directory, as readdir gives it. `kind` is missing where the file system does not
/// tell without a stat.
struct DirectoryEntry {
  std::string name;
  std::optional<FileKind> kind;
};
/// Every name in an open directory but `.` and `..`, in no order.
[[nodiscard]] Attempt<std::vector<DirectoryEntry>> try_list(const Descriptor& directory);

/// One extended attribute in the user namespace. Others (security, ACLs in `system.posix_acl_*`)
/// are kept where the caller may read and set them.
struct ExtendedAttribute {
  std::string name;
  std::string value;
  friend auto operator<=>(const ExtendedAttribute&, const ExtendedAttribute&) = default;
};
/// The `user.*` and POSIX ACL attributes of an open file or directory, sorted by name. Empty where
/// the file system has none.
[[nodiscard]] Attempt<std::vector<ExtendedAttribute>> try_read_attributes(const Descriptor& file);

/// The next run of data at or after `offset`, as {begin, end}; nothing if only a hole is left. On
/// file systems that do not tell, all of the file is data. Leaves the read position as it was.
struct DataRun {
  std::uint64_t begin;
  std::uint64_t end;
};
[[nodiscard]] std::optional<DataRun> next_data_run(const Descriptor& file, std::uint64_t offset,
                                                   std::uint64_t size);

} // namespace savepoint::fs
