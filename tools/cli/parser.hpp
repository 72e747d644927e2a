#pragma once

#include "cli/common.hpp"
#include "cli/help_page.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::cli {

/// Thrown when the user asked for a text, such as `--help`, instead of work.
struct TextInstead {
  std::string text;
};
/// The same for `--version`, which programs ask for with `--json`.
struct VersionInstead {};

/// The options and arguments of one command, and `--help` made of the same list.
///
///   Parser parser(session.common, {...});
///   parser.flag("--pin", options.pinned, "prune never removes it");
///   parser.parse(arguments);
///
/// Takes what every command takes (`-C`, `--store`, `--json` …) by itself. Variables that are bound
/// must outlive the parser; they change only if the command line names them.
class Parser {
public:
  Parser(Common& common, Help help);
  ~Parser();
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  // Options: `names` as in "-m,--note", `value` as help shows it.
  void flag(const std::string& names, bool& into, const std::string& help);
  void text(const std::string& names, const std::string& value, std::optional<std::string>& into,
            const std::string& help);
  /// May be given several times.
  void texts(const std::string& names, const std::string& value, std::vector<std::string>& into,
             const std::string& help);
  void number(const std::string& names, const std::string& value,
              std::optional<std::uint64_t>& into, const std::string& help);

  // Arguments without a name, in their order.
  void required(const std::string& name, std::string& into, const std::string& help);
  void optional(const std::string& name, std::optional<std::string>& into, const std::string& help);
  void several(const std::string& name, std::vector<std::string>& into, const std::string& help);
  /// Everything behind `--`; without this call, `--` only ends the options.
  void behind_dashes(const std::string& name, std::vector<std::string>& into,
                     const std::string& help);

  /// Reads the command line.
  ///
  /// Throws UsageError that names the nearest option for one that does not exist, TextInstead for
  /// --help, --help=man and --help=words, VersionInstead for --version.
  void parse(std::vector<std::string> arguments);

  /// What was declared so far.
  [[nodiscard]] const HelpPage& page() const;

private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A command line with subcommands: the common options before the subcommand stay in `arguments`.
struct Split {
  std::string command;                ///< Empty if there is none.
  std::vector<std::string> arguments; ///< All others, in their order.
};
[[nodiscard]] Split split_command(const std::vector<std::string>& arguments);

/// Throws UsageError: there is no command `name`; the nearest of `known` is proposed. `of` is the
/// command that has them: "savepoint".
[[noreturn]] void throw_unknown_command(std::string_view of, std::string_view name,
                                        std::span<const std::string_view> known);

} // namespace savepoint::cli
