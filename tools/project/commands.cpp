#include "project/commands.hpp"

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
  return state(session, split.arguments);
}

} // namespace savepoint::tools
