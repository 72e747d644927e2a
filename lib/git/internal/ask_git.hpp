#pragma once

#include "base/bytes.hpp"
#include "process/run.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::git {

/// A question to the `git` program.
struct Question {
  std::filesystem::path directory;                ///< Where git looks for the repository.
  std::vector<std::string> arguments;             ///< The subcommand and its arguments.
  std::map<std::string, std::string> environment; ///< In addition to what every question gets.
  Bytes input;                                    ///< What git reads; empty: nothing.
};

struct Answer {
  int exit_code = 0;
  Bytes output;
  std::string complaint; ///< The first line that git wrote to its standard error.

  [[nodiscard]] std::string_view text() const { return as_text(output); }
  /// The output without the line feed at its end.
  [[nodiscard]] std::string line() const;
};

/// The command that `ask_git` runs. Throws NotFoundError if there is no git.
[[nodiscard]] process::Command command_for(const Question& question);

/// Runs git with fsmonitor, hooks and optional locks off, in an environment of our own making: of
/// the caller's only the home directory gets through, because ~/.gitconfig has a say in what the
/// answer is.
///
/// Throws NotFoundError if there is no git, RefusedError if git refuses because of the repository's
/// owner.
[[nodiscard]] Answer ask_git(const Question& question);

/// The same where an exit code other than 0 means trouble. Throws IoError with git's complaint.
[[nodiscard]] Answer require_git(const Question& question);

} // namespace savepoint::git
