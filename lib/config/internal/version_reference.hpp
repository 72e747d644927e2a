#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace savepoint::config {

/// Where a labelled version stands: "package.json#/version" taken apart.
struct VersionReference {
  std::vector<std::string> path; ///< Parts, below the root.
  std::string key;               ///< What follows the `#`; empty for the first line.
};

/// Takes `text` apart.
///
/// Throws UsageError (saying only why) if the path is not one below the root, or if the file holds
/// secrets: a version is shown, and no value of such a file ever is.
[[nodiscard]] VersionReference parse_version_reference(std::string_view text);

} // namespace savepoint::config
