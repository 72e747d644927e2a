#include "base/error.hpp"
#include "cli/standard_input.hpp"
#include "commands/shell_line.hpp"
#include "guard/guard.hpp"
#include "json/value.hpp"

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::tools {
namespace {

namespace filesystem = std::filesystem;
using json::Value;

constexpr std::size_t k_most_input = std::size_t{16} << 20U;

std::string read_input() {
  std::string input = cli::read_standard_input(k_most_input + 1);
  if (input.size() > k_most_input) {
    throw UsageError("the event on the standard input is larger than 16 MiB");
  }
  return input;
}

/// Throws an error whose exit code lets the agent go on: 2 would stop it.
Value read_event() {
  try {
    Value event = json::parse(read_input(), "the event on the standard input");
    if (event.is_object()) {
      return event;
    }
  } catch (const UsageError& error) {
    throw IoError(error.what(), 0, "an agent's hook before a tool call gives one JSON object");
  }
  throw IoError("the event on the standard input is not a JSON object", 0,
                "an agent's hook before a tool call gives one");
}

std::optional<std::string> text_at(const Value& value, std::string_view key) {
  const Value* const found = value.is_object() ? value.find(key) : nullptr;
  return found != nullptr && found->is_string() ? std::optional(found->as_string()) : std::nullopt;
}

/// Some agents write JSON into a text; not every text that looks so is any.
std::optional<Value> parse_given(const std::string& text) {
  if (!text.starts_with('{')) {
    return std::nullopt;
  }
  try {
    return json::parse(text, "the tool's arguments");
  } catch (const UsageError&) {
    return std::nullopt;
  }
}

/// What a tool was given: agents call it by different names.
std::optional<std::string> command_in(const Value& event) {
  if (auto command = text_at(event, "command")) {
    return command;
  }
  for (const std::string_view key : {"tool_input", "toolArgs", "tool_args", "toolInput", "args",
                                     "arguments", "input", "parameters", "tool_call"}) {
    const Value* const found = event.is_object() ? event.find(key) : nullptr;
    if (found == nullptr) {
      continue;
    }
    const std::optional<Value> given =
        found->is_string() ? parse_given(found->as_string()) : std::optional(*found);
    if (given && given->is_object()) {
      if (auto command = command_in(*given)) {
        return command;
      }
    }
  }
  return std::nullopt;
}

/// Where the command is to run.
filesystem::path directory_of(const Value& event, const cli::Session& session) {
  for (const std::string_view key : {"cwd", "workdir", "working_directory", "workspace_root"}) {
    if (const auto directory = text_at(event, key)) {
      return *directory;
    }
  }
  const Value* const roots = event.find("workspace_roots");
  if (roots != nullptr && roots->is_array() && !roots->items().empty() &&
      roots->items().front().is_string()) {
    return roots->items().front().as_string();
  }
  return session.common.directory;
}

/// The project that a directory is in. Without one savepoint was never meant to look there: what is
/// no project is not made one by an agent.
std::optional<filesystem::path> project_around(const filesystem::path& directory) {
  std::error_code ignored;
  for (filesystem::path at = filesystem::weakly_canonical(directory, ignored); !at.empty();
       at = at.parent_path()) {
    if (filesystem::exists(at / ".git", ignored) ||
        filesystem::exists(at / "savepoint.json", ignored)) {
      return at;
    }
    if (at == at.root_path()) {
      break;
    }
  }
  return std::nullopt;
}

/// Where the command is run, if that is in a project; else where the agent is, if that is in one.
std::optional<filesystem::path> project_of(const filesystem::path& directory,
                                           const filesystem::path& below) {
  std::error_code ignored;
  if (filesystem::is_directory(directory / below, ignored)) {
    if (auto project = project_around(directory / below)) {
      return project;
    }
  }
  return project_around(directory);
}

std::string home_of(const cli::Session& session) {
  const auto home = session.environment.find("HOME");
  return home == session.environment.end() ? std::string() : home->second;
}

} // namespace

ExitCode watch_agent(cli::Session& session) {
  const Value event = read_event();
  const filesystem::path directory = directory_of(event, session);
  const commands::Exists exists = [&directory](const std::string& path) {
    std::error_code ignored;
    return filesystem::exists(filesystem::symlink_status(directory / path, ignored));
  };
  const std::vector<commands::Destructive> found = commands::destructive_shell_line(
      command_in(event).value_or(std::string()), exists, home_of(session));
  std::set<filesystem::path> projects;
  bool stops = false;
  for (const commands::Destructive& one : found) {
    const std::optional<filesystem::path> project = project_of(directory, one.directory);
    if (!stops && project && projects.insert(*project).second) {
      stops = take_snapshot(session, *project, one.label) == Outcome::must_stop;
    }
  }
  Value document = cli::Session::new_document();
  document.set("command", found.empty() ? Value() : json::text_or_bytes(found.front().label));
  document.set("guarded", !projects.empty());
  document.set("blocked", stops);
  session.terminal.document(document);
  return stops ? ExitCode::usage : ExitCode::done;
}

} // namespace savepoint::tools
