#include "front/dispatch.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "cli/executables.hpp"
#include "cli/parser.hpp"
#include "cli/run_tool.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

namespace savepoint::tools {
namespace {

using Arguments = std::vector<std::string>;

/// A command of `savepoint` and the executable that has it.
struct Command {
  std::string_view name;
  std::string_view summary;
  std::string_view executable;
  bool named = false; ///< The executable wants to hear the command's name.
};

constexpr std::string_view k_project = "savepoint-project";
constexpr std::string_view k_manifest = "savepoint-manifest";
constexpr std::string_view k_restore = "savepoint-restore";

constexpr std::array k_commands{
    Command{"init", "set a project up", k_project, true},
    Command{"snapshot", "take a snapshot", "savepoint-snapshot"},
    Command{"status", "the last snapshot, and what changed since", k_project, true},
    Command{"list", "the snapshots there are", k_manifest, true},
    Command{"show", "all about one snapshot", k_manifest, true},
    Command{"files", "the files of a snapshot", k_manifest, true},
    Command{"diff", "what differs between snapshots, or from one to now", k_manifest, true},
    Command{"restore", "go back to a snapshot", k_restore},
    Command{"undo", "take the last restore back", k_restore, true},
    Command{"recover", "bring an interrupted restore to its end", k_restore, true},
    Command{"run", "take a snapshot, then run a command", "savepoint-run"},
    Command{"hooks", "have git take snapshots by itself", "savepoint-hooks"},
    Command{"guard", "take a snapshot before an agent's command takes work away",
            "savepoint-guard"},
    Command{"verify", "check that snapshots are what was written", k_manifest, true},
    Command{"export", "write a snapshot as a plain directory", k_manifest, true},
    Command{"pin", "keep a snapshot whatever prune is told", k_manifest, true},
    Command{"unpin", "let prune decide again", k_manifest, true},
    Command{"tag", "give a snapshot a name", k_manifest, true},
    Command{"note", "say what a snapshot is for", k_manifest, true},
    Command{"log", "what was done with snapshots, and how it ended", k_manifest, true},
    Command{"ui", "the snapshots in a browser", "savepoint-ui"},
    Command{"prune", "remove old snapshots", "savepoint-prune"},
    Command{"manifest", "the commands that look at snapshots; rebuild", k_manifest},
    Command{"doctor", "check that everything is in order", k_project, true},
    Command{"trust", "let the project's settings run commands", k_project, true},
    Command{"completion", "what bash, zsh and fish need to complete words", k_project, true},
};

const Command* find_command(std::string_view name) {
  const auto* const found = std::find_if(k_commands.begin(), k_commands.end(),
                                         [&](const Command& it) { return it.name == name; });
  return found == k_commands.end() ? nullptr : found;
}

cli::Help help() {
  std::vector<cli::HelpLine> commands;
  for (const Command& command : k_commands) {
    commands.push_back({std::string(command.name), std::string(command.summary)});
  }
  return {.command = "savepoint",
          .summary = "Snapshots of a whole project, its code, databases and configuration, and "
                     "the way back.\n"
                     "Without a command: the state of this project, and what to do next.",
          .usage = "[COMMAND] [OPTIONS]",
          .commands = std::move(commands),
          .exit_codes = {ExitCode::done, ExitCode::failed, ExitCode::usage, ExitCode::refused,
                         ExitCode::not_found, ExitCode::busy, ExitCode::corrupt,
                         ExitCode::saved_with_gaps},
          .example = "savepoint snapshot -m 'before the merge'\nsavepoint restore latest"};
}

[[noreturn]] void hand_over(std::string_view name, const std::string& path,
                            const Arguments& arguments) {
  Arguments words{path};
  words.insert(words.end(), arguments.begin(), arguments.end());
  const int error_number = cli::become(path, words);
  throw_io_error(error_number, "run", name);
}

/// Becomes an executable that belongs to savepoint.
[[noreturn]] void run_own(const cli::Session& session, std::string_view executable,
                          const Arguments& arguments) {
  const std::string name(executable);
  const std::optional<std::string> path = cli::find_executable(name, session.environment);
  if (!path) {
    throw IoError("cannot run " + quoted(name) + ": it is not installed", ENOENT,
                  "install savepoint again: its executables belong side by side");
  }
  hand_over(executable, *path, arguments);
}

[[noreturn]] void run_named(const cli::Session& session, const std::string& name,
                            Arguments arguments) {
  if (const Command* const command = find_command(name)) {
    if (command->named) {
      arguments.insert(arguments.begin(), name);
    }
    run_own(session, command->executable, arguments);
  }
  const std::string executable = "savepoint-" + name;
  if (const auto path = cli::find_executable(executable, session.environment)) {
    hand_over(executable, *path, arguments);
  }
  std::vector<std::string_view> known;
  for (const Command& command : k_commands) {
    known.push_back(command.name);
  }
  cli::throw_unknown_command("savepoint", name, known);
}

// As `include` wants it: make would take a path with a blank for two.
std::string escaped_for_make(const std::string& path) {
  std::string escaped;
  for (const char c : path) {
    escaped += c == ' ' ? "\\ " : std::string(1, c);
  }
  return escaped;
}

void print_makefile(cli::Session& session) {
  const std::optional<std::string> path = cli::find_template("savepoint.mk");
  if (!path) {
    throw IoError("cannot find 'savepoint.mk': it is not installed", ENOENT,
                  "install savepoint again, or copy templates/savepoint.mk from its source");
  }
  session.terminal.out(escaped_for_make(*path) + "\n");
}

} // namespace

ExitCode dispatch(cli::Session& session) {
  cli::Split split = cli::split_command(session.arguments);
  if (split.command == "help") {
    const cli::Split rest = cli::split_command(split.arguments);
    split = rest.command.empty() ? cli::Split{.command = {}, .arguments = {"--help"}}
                                 : cli::Split{.command = rest.command, .arguments = {"--help"}};
  }
  if (!split.command.empty()) {
    run_named(session, split.command, std::move(split.arguments));
  }
  bool makefile_wanted = false;
  cli::Parser parser(session.common, help());
  parser.flag("--print-makefile", makefile_wanted,
              "print where savepoint.mk is, for make's include");
  parser.parse(split.arguments);
  if (makefile_wanted) {
    print_makefile(session);
    return ExitCode::done;
  }
  run_own(session, k_project, split.arguments); // which says how things are
}

} // namespace savepoint::tools
