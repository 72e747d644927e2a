#pragma once

#include "base/bytes.hpp"
#include "fs/descriptor.hpp"
#include "fs/status.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::fs {

/// Says whether `name` may be one component of a path: not empty, `.`, or `..`, without `/` or NUL,
/// at most 255 bytes. Names from a store are checked by this and refused, never cleaned.
[[nodiscard]] bool is_component(std::string_view name);
/// Says whether `path` is relative and every part of it is a component: so not empty, and without
/// doubled or trailing slashes.
[[nodiscard]] bool is_safe_path(std::string_view path);

/// Opens the directory `path` below `root`, by openat2(RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS) or,
/// where there is none, component by component with O_NOFOLLOW. An empty path is the root itself.
/// Nothing if it, or something above it, does not exist or is not a directory (a symlink is not).
/// Throws IoError (EINVAL) for a path that is not safe.
[[nodiscard]] std::optional<Descriptor> open_beneath(const Descriptor& root, std::string_view path);
/// The same, making missing directories (0755 as the umask allows).
[[nodiscard]] Descriptor make_beneath(const Descriptor& root, std::string_view path);

/// Creates a file that must not exist (O_EXCL, O_NOFOLLOW), with `mode` & 0777 from the start.
[[nodiscard]] Descriptor create_file_at(const Descriptor& directory, const char* name,
                                        std::uint32_t mode);
/// Writes `bytes` at `offset`, leaving a hole before it where nothing was written.
void write_at(const Descriptor& file, ByteView bytes, std::uint64_t offset);
void set_size(const Descriptor& file, std::uint64_t size);

/// Whether the setuid and setgid bits may be given to a file. Only root, when asked, restores them.
enum class SpecialBits { drop, keep };
/// Sets attributes, then mode, then times, on an open file or directory. Afterwards it has these
/// attributes and no other `user.*` or ACL; where the file system knows none, they are left out. A
/// directory of somebody else keeps its time, see set_directory_mtime.
void set_metadata(const Descriptor& file, std::uint32_t mode, SpecialBits special,
                  std::int64_t mtime_ns, const std::vector<ExtendedAttribute>& attributes);
/// Sets the modification time of an open directory. One of somebody else, who alone may do that,
/// keeps its own: what is in it may be ours to change all the same.
void set_directory_mtime(const Descriptor& directory, std::int64_t mtime_ns);
/// Sets the modification time of `name` itself, without following it.
void set_mtime_at(const Descriptor& directory, const char* name, std::int64_t mtime_ns);
/// Sets the mode of a file that stays in place; never follows a symlink.
void set_mode_at(const Descriptor& directory, const char* name, std::uint32_t mode,
                 SpecialBits special);

void make_symlink_at(const Descriptor& directory, const char* name, const std::string& target);
void make_fifo_at(const Descriptor& directory, const char* name, std::uint32_t mode);
/// A second name for the same file, without following a symlink.
void make_hard_link_at(const Descriptor& from_directory, const char* from,
                       const Descriptor& to_directory, const char* to);

/// Renames `from` to `to`, which must not exist. Throws IoError (EEXIST) if it does.
void rename_new_at(const Descriptor& from_directory, const char* from,
                   const Descriptor& to_directory, const char* to);
/// Exchanges two existing names in one step (renameat2 RENAME_EXCHANGE; where the file system has
/// no such thing, by three renames through a temporary name).
void exchange_at(const Descriptor& from_directory, const char* from, const Descriptor& to_directory,
                 const char* to);

/// Has the disk begin with what was written so far, without waiting.
void start_writeback(const Descriptor& file) noexcept;
void sync_descriptor(const Descriptor& file, std::string_view name);
/// Makes everything written to the file system of `directory` durable (syncfs).
void sync_file_system(const Descriptor& directory);

} // namespace savepoint::fs
