#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace savepoint::tools {

/// Paths as they were typed in `directory`, as paths below `root`. The root itself means
/// everything, which an empty list says.
///
/// Throws UsageError for a path that leads out of `root`.
[[nodiscard]] std::vector<std::string> below_root(const std::vector<std::string>& typed,
                                                  const std::filesystem::path& directory,
                                                  const std::filesystem::path& root);

} // namespace savepoint::tools
