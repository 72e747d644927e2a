#include "project/commands.hpp"

#include "base/error.hpp"
#include "cli/parser.hpp"

#include <array>
#include <string_view>

namespace savepoint::tools {

ExitCode run_command(cli::Session& session) {
  const cli::Split split = cli::split_command(session.arguments);
  if (split.command == "init") {
    return init(session, split.arguments);
  }
  if (split.command == "status") {
    return status(session, split.arguments);
  }
  if (split.command == "doctor") {
    return doctor(session, split.arguments);
  }
  if (split.command == "trust") {
    return trust(session, split.arguments);
  }
  if (split.command == "completion") {
    return completion(session, split.arguments);
  }
  if (!split.command.empty()) {
    constexpr std::array<std::string_view, 5> k_known{"init", "status", "doctor", "trust",
                                                      "completion"};
    cli::throw_unknown_command("savepoint project", split.command, k_known);
  }
  cli::Parser parser(session.common,
                     {.command = "savepoint project",
                      .summary = "Looks at a project as a whole: init, status, doctor and trust.\n"
                                 "'savepoint COMMAND --help' says more about each.",
                      .usage = "COMMAND [OPTIONS]",
                      .exit_codes = {},
                      .example = "savepoint status"});
  parser.parse(split.arguments);
  throw UsageError("no command is given", "'savepoint project --help' lists the commands");
}

} // namespace savepoint::tools
