#include "manifest/commands.hpp"

#include "base/error.hpp"
#include "cli/npm_script.hpp"
#include "cli/parser.hpp"

#include <algorithm>
#include <array>

namespace savepoint::tools {
namespace {

constexpr std::array k_commands{
    Command{"list", "the snapshots there are", list},
    Command{"show", "all about one snapshot", show},
    Command{"files", "the files of a snapshot", files},
    Command{"diff", "what differs between two snapshots, or from one to now", diff},
    Command{"verify", "check that snapshots are what was written", verify},
    Command{"export", "write a snapshot as a plain directory", export_snapshot},
    Command{"pin", "keep a snapshot whatever prune is told", pin},
    Command{"unpin", "let prune decide again", unpin},
    Command{"tag", "give a snapshot a name", tag},
    Command{"note", "say what a snapshot is for", note},
    Command{"log", "what was done, and how it ended", log},
    Command{"rebuild", "make the catalog anew from what the store holds", rebuild},
};

std::vector<cli::HelpLine> listed_commands() {
  std::vector<cli::HelpLine> lines;
  for (const Command& command : k_commands) {
    lines.push_back({std::string(command.name), std::string(command.summary)});
  }
  return lines;
}

} // namespace

std::span<const Command> commands() {
  return k_commands;
}

ExitCode run_command(cli::Session& session) {
  cli::Split split = cli::split_command(session.arguments);
  if (split.command == "list" || split.command == "verify") { // scripts that init --npm makes
    cli::forget_dashes_of_pnpm(session, cli::Dashes::anywhere);
    split = cli::split_command(session.arguments);
  }
  const auto* const found =
      std::find_if(k_commands.begin(), k_commands.end(),
                   [&](const Command& command) { return command.name == split.command; });
  if (found != k_commands.end()) {
    return found->run(session, split.arguments);
  }
  if (split.command.empty()) {
    cli::Parser parser(session.common, {.command = "savepoint manifest",
                                        .summary = "Looks at snapshots and marks them.",
                                        .usage = "COMMAND [OPTIONS]",
                                        .commands = listed_commands(),
                                        .exit_codes = {},
                                        .example = "savepoint list --branch main"});
    parser.parse(split.arguments);
    throw UsageError("no command is given", "'savepoint manifest --help' lists the commands");
  }
  std::vector<std::string_view> names;
  for (const Command& command : k_commands) {
    names.push_back(command.name);
  }
  cli::throw_unknown_command("savepoint manifest", split.command, names);
}

} // namespace savepoint::tools
