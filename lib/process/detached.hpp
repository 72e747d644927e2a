#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace savepoint::process {

/// Starts a program and forgets it: it has a session of its own and none of our files, lives on
/// when we end, and nobody learns how it ended. It gets our environment. Does nothing if it cannot
/// be started.
void start_detached(const std::filesystem::path& program,
                    const std::vector<std::string>& arguments) noexcept;

} // namespace savepoint::process
