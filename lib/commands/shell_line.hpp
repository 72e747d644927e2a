#pragma once

#include "commands/git_command.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::commands {

/// One command of a shell's line.
struct ShellCommand {
  std::vector<std::string> words;       ///< Without quotes; variables as they are written.
  std::vector<std::size_t> begins;      ///< Where in the line each of the words begins.
  bool is_nested = false;               ///< In parentheses or backticks.
  std::vector<std::string> overwritten; ///< Files to which `>` sends its output.
};

/// The commands that a line of sh has, in their order: also those in subshells, `$(…)`, backticks
/// and behind `if`, `do` and the like. Never fails: what is no shell gives commands that are none.
/// Reference: POSIX.1-2017, Shell Command Language, 2.3 Token Recognition.
[[nodiscard]] std::vector<ShellCommand> split_shell_line(std::string_view line);

/// A command that can take work away.
struct Destructive {
  /// What it is called, such as "rm" or "prisma migrate reset". Never an argument that could be a
  /// secret.
  std::string label;
  /// Where it is run, after each `cd` and `git -C`, as seen from where the line is; often empty.
  std::filesystem::path directory = {};
};

/// The commands of a line that can take work away: for each directory the first. In doubt a command
/// can. `exists` is asked about paths as seen from where the line is run; `home` is the user's, and
/// may be empty.
[[nodiscard]] std::vector<Destructive> destructive_shell_line(std::string_view line,
                                                              const Exists& exists,
                                                              const std::filesystem::path& home);

} // namespace savepoint::commands
