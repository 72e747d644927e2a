#pragma once

#include "base/error.hpp"

#include <string>
#include <vector>

namespace savepoint::cli {

/// A line of a list in a help text: what is written, and what it means.
struct HelpLine {
  std::string name;
  std::string help;
};

/// What `--help` says about a command, besides its options.
struct Help {
  std::string command;                 ///< As people type it: "savepoint restore".
  std::string summary;                 ///< What it does, in a sentence or two.
  std::string usage;                   ///< Its arguments: "SNAPSHOT [OPTIONS] [-- PATH...]".
  std::vector<HelpLine> commands = {}; ///< Of one that has commands of its own.
  std::vector<ExitCode> exit_codes;
  std::string example;        ///< One or more whole command lines.
  std::string for_stray = {}; ///< What may have been meant by more arguments than there can be.
};

/// An option as it is declared.
struct HelpOption {
  std::vector<std::string> names; ///< "-m", "--note".
  std::string value;              ///< What stands for its value; empty: it has none.
  std::string help;
  [[nodiscard]] HelpLine line() const; ///< "-m, --note NOTE".
};

/// All that there is to say about a command: the one source of its help text, of its manual page
/// and of what shells complete.
struct HelpPage {
  Help help;
  std::vector<HelpLine> arguments;
  std::vector<HelpOption> options;
  std::vector<HelpOption> common_options; ///< Those that every command takes.
};

/// What --help prints.
[[nodiscard]] std::string help_text(const HelpPage& page);
/// The manual page, in the language of man(7): what --help=man prints.
[[nodiscard]] std::string manual_page(const HelpPage& page);
/// For programs that complete command lines, what --help=words prints: a line for each command,
/// option and argument, with tabs between its kind, names (with commas), value and help.
[[nodiscard]] std::string help_words(const HelpPage& page);

/// What an exit code means, as `--help` says it.
[[nodiscard]] std::string_view meaning_of(ExitCode code);

/// "savepoint 0.1.0" and a newline.
[[nodiscard]] std::string version_text();

} // namespace savepoint::cli
