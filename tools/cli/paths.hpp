#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::cli {

/// Paths as they were typed in `directory`, as paths below `root`. The root itself means
/// everything, which an empty list says.
///
/// Throws UsageError for a path that leads out of `root`.
[[nodiscard]] std::vector<std::string> below_root(const std::vector<std::string>& typed,
                                                  const std::filesystem::path& directory,
                                                  const std::filesystem::path& root);

/// Whether `path` is one of `wanted` or below one; everything is where none is wanted.
[[nodiscard]] bool is_below(const std::vector<std::string>& wanted, std::string_view path);
/// Whether something that `wanted` names is at `path`, or below it, or above it.
[[nodiscard]] bool leads_to(const std::vector<std::string>& wanted, const std::string& path);

} // namespace savepoint::cli
