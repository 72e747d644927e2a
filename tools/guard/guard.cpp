#include "guard/guard.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "cli/executables.hpp"
#include "cli/parser.hpp"
#include "process/foreground.hpp"

#include <cerrno>
#include <optional>
#include <vector>

namespace savepoint::tools {
namespace {

constexpr const char* k_hooks = "savepoint-hooks";

} // namespace

Outcome take_snapshot(cli::Session& session, const std::filesystem::path& directory,
                      const std::string& label) {
  const std::optional<std::string> hooks = cli::find_executable(k_hooks, session.environment);
  if (!hooks) {
    throw IoError("cannot run " + quoted(k_hooks) + ": it is not installed", ENOENT,
                  "install savepoint again: its executables belong side by side");
  }
  std::vector<std::string> words{k_hooks, "run", "guard", "-C", directory.string()};
  if (session.common.store) {
    words.insert(words.end(), {"--store", *session.common.store});
  }
  if (session.terminal.quiet()) {
    words.emplace_back("--quiet");
  }
  words.insert(words.end(), {"--", label});
  const int code = process::run_in_foreground(*hooks, words, process::Output::to_our_errors,
                                              session.cancellation());
  return code == static_cast<int>(ExitCode::refused) ? Outcome::must_stop : Outcome::may_go_on;
}

ExitCode run_guard(cli::Session& session) {
  bool reads_event = false;
  std::optional<std::uint64_t> caller;
  std::optional<std::string> last_guarded;
  cli::Parser parser(
      session.common,
      {.command = "savepoint guard",
       .summary =
           "Takes a snapshot before a command that can take work away, unless nothing changed.\n"
           "Coding agents call it before each of their tools, git where it was installed with\n"
           "'savepoint hooks install --guard'. SAVEPOINT=0 has it do nothing.",
       .usage = "--stdin-json",
       .exit_codes = {ExitCode::done, ExitCode::failed, ExitCode::usage},
       .example = "echo '{\"tool_input\": {\"command\": \"git reset --hard\"}}' | savepoint guard "
                  "--stdin-json"});
  parser.flag("--stdin-json", reads_event,
              "read an agent's tool call as JSON; exit code 2 keeps the agent from running it");
  parser.number("--watch", "PID", caller, "what git calls: the process that may be such a command");
  parser.text("--last", "FILE", last_guarded, "with --watch: where the last one is noted");
  parser.parse(session.arguments);
  session.terminal.set_options(session.common);
  if (reads_event == caller.has_value()) {
    throw UsageError("neither --stdin-json nor --watch is given, or both",
                     "an agent's hook runs 'savepoint guard --stdin-json'");
  }
  const auto wanted = session.environment.find("SAVEPOINT");
  if (wanted != session.environment.end() && (wanted->second == "0" || wanted->second == "false")) {
    return ExitCode::done;
  }
  return reads_event ? watch_agent(session)
                     : watch_git(session, static_cast<pid_t>(*caller), last_guarded.value_or(""));
}

} // namespace savepoint::tools
