#include "git/internal/ask_git.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "git/internal/libgit.hpp"
#include "process/run.hpp"

#include <algorithm>

namespace savepoint::git {
namespace {

constexpr std::string_view k_search_path = "/usr/local/bin:/usr/bin:/bin";

std::map<std::string, std::string> environment_of(const Question& question) {
  std::map<std::string, std::string> environment = question.environment;
  environment["PATH"] = k_search_path;
  environment["LC_ALL"] = "C";
  environment["GIT_OPTIONAL_LOCKS"] = "0";
  environment["GIT_TERMINAL_PROMPT"] = "0";
  environment["GIT_NO_LAZY_FETCH"] = "1";
  if (const auto home = home_directory()) {
    environment["HOME"] = home->string();
  }
  if (const auto directory = user_config_directory()) {
    environment["XDG_CONFIG_HOME"] = directory->parent_path().string();
  }
  return environment;
}

} // namespace

std::string Answer::line() const {
  std::string result(text());
  if (result.ends_with('\n')) {
    result.pop_back();
  }
  return result;
}

process::Command command_for(const Question& question) {
  const auto program = process::find_program("git", k_search_path);
  if (!program) {
    throw NotFoundError("there is no git to ask about " + quoted(question.directory.string()),
                        "install git: this repository uses a format that libgit2 does not read");
  }
  process::Command command;
  command.program = *program;
  command.arguments = {"-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null",
                       "-c", "core.pager=cat",       "-c", "protocol.allow=never"};
  command.arguments.insert(command.arguments.end(), question.arguments.begin(),
                           question.arguments.end());
  command.environment = environment_of(question);
  command.directory = question.directory;
  command.input = question.input;
  return command;
}

Answer ask_git(const Question& question) {
  process::Result result = process::run(command_for(question));

  Answer answer;
  answer.exit_code = result.exit_code;
  answer.output = std::move(result.output);
  const std::string& said = result.error_output;
  answer.complaint = printable(said.substr(0, said.find('\n')));
  if (answer.exit_code != 0 && said.find("dubious ownership") != std::string::npos) {
    throw RefusedError("git does not trust " + quoted(question.directory.string()) +
                           ", which belongs to somebody else",
                       "git config --global --add safe.directory " +
                           quoted(question.directory.string()));
  }
  return answer;
}

Answer require_git(const Question& question) {
  Answer answer = ask_git(question);
  if (answer.exit_code != 0) {
    throw IoError("git " + question.arguments.front() + " failed in " +
                  quoted(question.directory.string()) + ": " +
                  (answer.complaint.empty() ? "exit code " + std::to_string(answer.exit_code)
                                            : answer.complaint));
  }
  return answer;
}

} // namespace savepoint::git
