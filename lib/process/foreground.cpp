#include "process/foreground.hpp"

#include "base/error.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace savepoint::process {
namespace {

// A signal handler reaches nothing but what is global.
volatile sig_atomic_t child_id = 0;

extern "C" void pass_on(int signal) {
  const int before = errno;
  if (child_id > 0) {
    kill(child_id, signal);
  }
  errno = before;
}
extern "C" void leave_to_child(int) {}

/// Signals are the child's business as long as this lives. What was ignored stays so, and what has
/// a handler here is as usual again in the child.
class SignalsForChild {
public:
  SignalsForChild() {
    for (auto& [signal, before] : before_) {
      sigaction(signal, nullptr, &before);
      if (before.sa_handler == SIG_IGN) {
        continue;
      }
      struct sigaction action {};
      action.sa_handler = signal == SIGTERM || signal == SIGHUP ? pass_on : leave_to_child;
      action.sa_flags = SA_RESTART;
      sigemptyset(&action.sa_mask);
      sigaction(signal, &action, nullptr);
    }
  }
  ~SignalsForChild() {
    for (const auto& [signal, before] : before_) {
      sigaction(signal, &before, nullptr);
    }
  }
  SignalsForChild(const SignalsForChild&) = delete;
  SignalsForChild& operator=(const SignalsForChild&) = delete;

private:
  std::array<std::pair<int, struct sigaction>, 4> before_{
      {{SIGINT, {}}, {SIGQUIT, {}}, {SIGTERM, {}}, {SIGHUP, {}}}};
};

pid_t start(const std::filesystem::path& program, std::vector<std::string> words, Output output) {
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (output == Output::to_our_errors) {
    posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
  }
  pid_t child = 0;
  const int error =
      posix_spawn(&child, program.c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    throw_io_error(error, "run", program.native());
  }
  return child;
}

} // namespace

int run_in_foreground(const std::filesystem::path& program, const std::vector<std::string>& words,
                      Output output) {
  const SignalsForChild signals;
  const pid_t child = start(program, words, output);
  child_id = child;
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) {
      throw_io_error(errno, "learn the end of", program.native());
    }
  }
  child_id = 0;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

} // namespace savepoint::process
