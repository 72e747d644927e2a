#pragma once

#include "fs/status.hpp"

#include <string>
#include <string_view>
#include <vector>

/// What internal/linux.hpp does in one call, done by several that every POSIX system has.
namespace savepoint::fs::internal {

/// Opens directory after directory, following none that is a symlink.
[[nodiscard]] Attempt<Descriptor> open_beneath_step_by_step(int root, std::string_view path);

/// Each returns an errno, 0 for success. Between their steps others may see what is half done.
[[nodiscard]] int rename_new_in_steps(int from_directory, const char* from, int to_directory,
                                      const char* to);
[[nodiscard]] int exchange_in_steps(int from_directory, const char* from, int to_directory,
                                    const char* to);

[[nodiscard]] int list_entries_by_readdir(int directory, std::vector<DirectoryEntry>& entries);

/// A name that nobody else will choose, beginning with `k_temporary_prefix`.
[[nodiscard]] std::string temporary_name();

} // namespace savepoint::fs::internal
