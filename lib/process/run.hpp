#pragma once

#include "base/bytes.hpp"

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace savepoint::process {

/// What to run, and how. No shell is involved.
struct Command {
  /// A name is looked up in the PATH of `environment`; a path is taken from where we are.
  std::filesystem::path program;
  std::vector<std::string> arguments;               ///< Without the program itself.
  std::map<std::string, std::string> environment;   ///< The whole environment of the child.
  std::filesystem::path directory;                  ///< Where it runs; empty: where we are.
  Bytes input;                                      ///< Its standard input; empty: /dev/null.
  std::optional<std::chrono::milliseconds> timeout; ///< Then it is killed. None: no limit.
};

/// How a child ended and what it said.
struct Result {
  int exit_code = 0; ///< 128 + the signal's number where a signal ended it.
  Bytes output;
  std::string error_output; ///< At most 64 KiB, the last ones.
  bool timed_out = false;
};

/// Runs `command` to its end and returns what it said. A non-zero exit code is not an error here.
/// The child has a session of its own, so no terminal, and none of our open files. Processes that
/// it leaves behind are not waited for, only killed with it when the time is up.
///
/// Throws NotFoundError if the program does not exist, IoError if it cannot be started or its end
/// cannot be learnt.
[[nodiscard]] Result run(const Command& command);

/// The file that `name` means when looked up in `path_variable` (as $PATH), if there is one. Parts
/// that are not absolute are passed over: they would run programs of the project itself.
[[nodiscard]] std::optional<std::filesystem::path> find_program(std::string_view name,
                                                                std::string_view path_variable);

} // namespace savepoint::process
