#include "hooks/commands.hpp"

#include "base/error.hpp"
#include "base/repository_variables.hpp"
#include "cli/parser.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace savepoint::tools {
namespace {

struct Command {
  std::string_view name;
  std::string_view summary;
  ExitCode (*run)(cli::Session&, const Arguments&);
};

constexpr std::array k_commands{
    Command{"install", "have git take snapshots, or bring that up to date", install_hooks},
    Command{"uninstall", "take every trace of that out again", uninstall_hooks},
    Command{"status", "which hooks git really runs", show_hooks},
    Command{"follow", "have databases follow the branch where a hook could not", follow_branch},
    Command{"run", "what an installed hook calls", run_hook},
};

cli::Help help() {
  std::vector<cli::HelpLine> commands;
  for (const Command& command : k_commands) {
    commands.push_back({std::string(command.name), std::string(command.summary)});
  }
  return {.command = "savepoint hooks",
          .summary = "Has git take snapshots by itself, before and after it changes things.",
          .usage = "COMMAND [OPTIONS]",
          .commands = std::move(commands),
          .exit_codes = {ExitCode::done, ExitCode::failed, ExitCode::usage, ExitCode::refused,
                         ExitCode::not_found, ExitCode::busy},
          .example = "savepoint hooks install"};
}

/// A hook of git runs us with variables that lead to one repository, its index above all. Which
/// project is meant follows from the directory alone.
void forget_repository(cli::Session& session) {
  for (const std::string_view name : k_repository_variables) {
    const std::string variable(name);
    session.environment.erase(variable);
    unsetenv(variable.c_str());
  }
}

} // namespace

ExitCode run_hooks_command(cli::Session& session) {
  forget_repository(session);
  const cli::Split split = cli::split_command(session.arguments);
  const auto* const found = std::ranges::find(k_commands, split.command, &Command::name);
  if (found != k_commands.end()) {
    return found->run(session, split.arguments);
  }
  if (!split.command.empty()) {
    std::array<std::string_view, k_commands.size()> names;
    std::ranges::transform(k_commands, names.begin(), &Command::name);
    cli::throw_unknown_command("savepoint hooks", split.command, names);
  }
  cli::Parser parser(session.common, help());
  parser.parse(split.arguments);
  throw UsageError("no command is given", "'savepoint hooks --help' lists the commands");
}

} // namespace savepoint::tools
