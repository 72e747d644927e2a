#pragma once

#include "json/value.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace savepoint::web {

/// A command line of one of our executables.
struct CommandLine {
  std::string executable; ///< "savepoint-restore"
  std::vector<std::string> arguments;
  friend bool operator==(const CommandLine&, const CommandLine&) = default;
};

/// What the page wants done: the commands that do it, as they would be typed on a terminal.
struct Action {
  std::string name;
  CommandLine command;
  /// Of one that takes something away: shows what it would do. The page has shown it to somebody
  /// before, and it must still say the same.
  std::optional<CommandLine> plan;
  std::optional<std::uint64_t> shown_by = {}; ///< The job that made that plan.
  bool is_plan = false;                       ///< The command only shows what it would do.
};

/// Reads what the page sent: {"action": "restore", "snapshot": ID, …}. Whatever is in it stays one
/// word of the command line, and never becomes an option.
///
/// Throws UsageError for anything else.
[[nodiscard]] Action read_action(const json::Value& wanted);

} // namespace savepoint::web
