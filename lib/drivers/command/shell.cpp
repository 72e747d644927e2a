#include "drivers/command/internal/shell.hpp"

#include "base/printable.hpp"
#include "base/repository_variables.hpp"
#include "drivers/command/internal/secrets.hpp"

#include <algorithm>
#include <array>

namespace savepoint::drivers::command {
namespace {

constexpr int k_not_found = 127;
constexpr int k_ended_by_signal = 128;
constexpr std::string_view k_blank = " \t\r\n";

std::string last_line(std::string_view text) {
  const std::size_t last = text.find_last_not_of(k_blank);
  if (last == std::string_view::npos) {
    return {};
  }
  text = text.substr(0, last + 1);
  const std::size_t line = text.find_last_of("\r\n");
  return std::string(text.substr(line == std::string_view::npos ? 0 : line + 1));
}

std::string hint_for(const Script& script, int exit_code) {
  if (exit_code == k_not_found) {
    return "a program that it names is not installed, or not in PATH";
  }
  return "run the command by hand, in the project's directory, to see what is wrong: it is the "
         "value of " +
         quoted(script.key) + " in the settings";
}

} // namespace

Script dump_of(const database::Target& target) {
  return {"dump", target.settings.dump, target};
}

Script restore_of(const database::Target& target) {
  return {"restore", target.settings.restore, target};
}

process::Command shell_command(const Script& script) {
  process::Command command;
  command.program = "/bin/sh";
  command.arguments = {"-c", script.text};
  command.environment = script.target.environment;
  for (const std::string_view name : k_repository_variables) {
    command.environment.erase(std::string(name));
  }
  command.directory = script.target.project;
  return command;
}

void require_success(const Script& script, const process::Ended& ended) {
  if (ended.exit_code == 0) {
    return;
  }
  const std::string how =
      ended.exit_code > k_ended_by_signal
          ? "was ended by signal " + std::to_string(ended.exit_code - k_ended_by_signal)
          : "failed with exit code " + std::to_string(ended.exit_code);
  const std::string why =
      printable(without_secrets(last_line(ended.error_output), script.target.environment));
  throw DatabaseError("the " + quoted(script.key) + " command of " + quoted(script.target.name) +
                          " " + how + (why.empty() ? "" : ": " + why),
                      hint_for(script, ended.exit_code));
}

} // namespace savepoint::drivers::command
