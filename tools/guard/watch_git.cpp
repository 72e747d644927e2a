#include "base/error.hpp"
#include "commands/git_command.hpp"
#include "guard/guard.hpp"
#include "process/running.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace savepoint::tools {
namespace {

namespace filesystem = std::filesystem;
using process::Running;

std::string_view program_of(const Running& running) {
  const std::string_view path = running.words.empty() ? std::string_view() : running.words.front();
  return path.substr(path.rfind('/') + 1);
}

bool is_git(const Running& running) {
  const std::string_view program = program_of(running);
  return program == "git" || program.starts_with("git-");
}

bool is_shell(const Running& running) {
  const std::string_view program = program_of(running);
  return program == "sh" || program == "dash" || program == "bash";
}

/// `caller`, or what called it through a shell, if that is git.
std::optional<Running> find_git(pid_t caller) {
  std::optional<Running> running = process::find_running(caller);
  if (running && !is_git(*running) && is_shell(*running)) {
    running = process::find_running(running->parent);
  }
  return running && is_git(*running) ? running : std::nullopt;
}

/// Whether `git` fills a work tree that is being made: nothing is there that could be lost.
bool fills_new_work_tree(const Running& git) {
  const std::optional<Running> above = process::find_running(git.parent);
  return above && is_git(*above) && commands::adds_work_tree(above->words);
}

/// The git that the user called: git calls itself for some commands, and a shell for an alias.
Running outermost(Running git) {
  std::optional<Running> above = process::find_running(git.parent);
  while (above && (is_git(*above) || is_shell(*above))) {
    const bool found = is_git(*above);
    std::optional<Running> next = process::find_running(above->parent);
    if (!found && (!next || !is_git(*next))) {
      break;
    }
    if (found) {
      git = *std::move(above);
    }
    above = std::move(next);
  }
  return git;
}

/// The last git command before which there was a snapshot. A hint: lost, it costs a look more.
class LastGuarded {
public:
  explicit LastGuarded(filesystem::path path) : path_(std::move(path)) {}

  [[nodiscard]] bool is(const Running& command) const {
    std::ifstream file(path_);
    std::string line;
    return std::getline(file, line) && line == text(command);
  }
  void set(const Running& command) const {
    if (!path_.empty()) {
      std::ofstream(path_) << text(command) << '\n';
    }
  }

private:
  static std::string text(const Running& command) {
    return std::to_string(command.id) + " " + std::to_string(command.started);
  }
  filesystem::path path_;
};

/// Paths of the command line are as seen from where the user is.
commands::Exists exists_for(const cli::Session& session) {
  const auto prefix = session.environment.find("GIT_PREFIX");
  const filesystem::path from = prefix == session.environment.end() ? "" : prefix->second;
  return [from](const std::string& path) {
    std::error_code ignored;
    return filesystem::exists(filesystem::symlink_status(from / path, ignored));
  };
}

} // namespace

ExitCode watch_git(cli::Session& session, pid_t caller, const filesystem::path& last_guarded) {
  const std::optional<Running> git = find_git(caller);
  if (!git) {
    return ExitCode::done;
  }
  const commands::Exists exists = exists_for(session);
  std::optional<std::string> label = commands::destructive_git_command(git->words, exists);
  if (!label || fills_new_work_tree(*git)) {
    return ExitCode::done;
  }
  const Running command = outermost(*git);
  const LastGuarded last(last_guarded);
  if (last.is(command)) {
    return ExitCode::done;
  }
  if (const auto outer = commands::destructive_git_command(command.words, exists)) {
    label = outer;
  }
  if (take_snapshot(session, session.common.directory, *label) == Outcome::must_stop) {
    // git has no way to be told no; ended here it leaves neither a change nor a lock.
    kill(git->id, SIGTERM);
    return ExitCode::refused;
  }
  last.set(command);
  return ExitCode::done;
}

} // namespace savepoint::tools
