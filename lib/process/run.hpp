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
  std::filesystem::path program;      ///< A name is looked up in PATH, a path is taken as it is.
  std::vector<std::string> arguments; ///< Without the program itself.
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
///
/// Throws NotFoundError if the program does not exist, IoError if it cannot be started.
[[nodiscard]] Result run(const Command& command);

/// The file that `name` means when looked up in `path_variable` (as $PATH), if there is one.
[[nodiscard]] std::optional<std::filesystem::path> find_program(std::string_view name,
                                                                std::string_view path_variable);

} // namespace savepoint::process
