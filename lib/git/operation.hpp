#pragma once

#include <functional>
#include <optional>
#include <string>

namespace savepoint::git {

/// A git directory, or what a snapshot has of one.
struct StateView {
  /// Whether there is such a file or directory.
  std::function<bool(const std::string& path)> has;
  /// What a file says; nothing if it is not there.
  std::function<std::optional<std::string>(const std::string& path)> text;
};

/// The operation in progress: "merge", "rebase", "cherry-pick", "revert", "bisect", "am"; empty if
/// there is none.
[[nodiscard]] std::string operation_in(const StateView& state);

} // namespace savepoint::git
