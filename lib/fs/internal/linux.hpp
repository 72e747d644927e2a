#pragma once

#include "fs/status.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

/// What Linux has and POSIX has not. Each call returns an errno, 0 for success; ENOSYS means that
/// this system has no such call and the caller does it in another way (internal/portable.hpp).
namespace savepoint::fs::internal {

/// openat2 of a directory with RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS and RESOLVE_NO_MAGICLINKS.
[[nodiscard]] Attempt<Descriptor> open_directory_beneath(int root, const char* path);

enum class RenameHow { no_replace, exchange };
[[nodiscard]] int rename_in_one_step(int from_directory, const char* from, int to_directory,
                                     const char* to, RenameHow how);

[[nodiscard]] int sync_file_system_of(int descriptor);
void start_writeback_of(int descriptor) noexcept;

/// Which mount an open file is reached through; 0 if the kernel does not tell.
[[nodiscard]] std::uint64_t mount_of(int descriptor);

/// Whether this process has a descriptor open to the file; true if the kernel does not tell.
[[nodiscard]] bool has_open(std::uint64_t device, std::uint64_t inode);
/// Whether the file system is one that only this kernel has in use, as far as its kind tells.
[[nodiscard]] bool is_of_this_machine_alone(int descriptor);
/// A lock that belongs to the open file, and not to the process.
[[nodiscard]] int lock_range(int descriptor, std::uint64_t begin, std::uint64_t size);
/// A lease on an open file that is broken without a word to us: whoever comes waits. EAGAIN means
/// that it is open elsewhere.
[[nodiscard]] int take_lease(int descriptor);

/// Reads a directory from its start with few, large reads.
[[nodiscard]] int list_entries(int directory, std::vector<DirectoryEntry>& entries);

/// The path of an open file as the kernel knows it; empty if it does not tell.
[[nodiscard]] std::string path_of(int descriptor);

/// The names of the attributes that are part of a snapshot: `user.*` and POSIX ACLs, unsorted.
/// ENOTSUP means that the file system has no attributes.
[[nodiscard]] int list_attributes(int descriptor, std::vector<std::string>& names);
/// ENODATA means that there is no such attribute.
[[nodiscard]] int get_attribute(int descriptor, const std::string& name, std::string& value);
[[nodiscard]] int set_attribute(int descriptor, const std::string& name, const std::string& value);
[[nodiscard]] int remove_attribute(int descriptor, const std::string& name);

} // namespace savepoint::fs::internal
