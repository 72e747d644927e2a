#pragma once

#include "fs/descriptor.hpp"

#include <cstdint>
#include <filesystem>

namespace savepoint::fs {

/// Makes a directory that must not exist, with `mode` & 0777 whatever the umask says.
void make_directory_at(const Descriptor& directory, const char* name, std::uint32_t mode);

/// Removes an empty directory; returns false, and leaves it, if something is in it or it is a mount
/// point.
[[nodiscard]] bool remove_directory_at(const Descriptor& directory, const char* name);

/// Removes a name that is not a directory; does nothing if it is not there.
void remove_file_at(const Descriptor& directory, const char* name);

/// As root, gives what was made in `directory` to its owner: root must lock nobody out of their own
/// store or repository. Leaves alone what is not root's, and files with several names.
void give_to_owner_of(const std::filesystem::path& directory, const Descriptor& made);

} // namespace savepoint::fs
