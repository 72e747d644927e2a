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

/// What is to be passed on waits until there is somebody to pass it on to.
class BlockedSignals {
public:
  BlockedSignals() {
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigaddset(&blocked, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &blocked, &before_);
  }
  ~BlockedSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;
  [[nodiscard]] const sigset_t& before() const { return before_; }

private:
  sigset_t before_{};
};

pid_t start(const std::filesystem::path& program, std::vector<std::string> words, Output output,
            const sigset_t& mask) {
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
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigmask(&attributes, &mask);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  pid_t child = 0;
  const int error =
      posix_spawn(&child, program.c_str(), &actions, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    throw_io_error(error, "run", program.native());
  }
  return child;
}

} // namespace

int run_in_foreground(const std::filesystem::path& program, const std::vector<std::string>& words,
                      Output output, const Cancellation& cancellation) {
  const SignalsForChild signals;
  const pid_t child = [&] {
    const BlockedSignals until_it_is_known;
    cancellation.check();
    child_id = start(program, words, output, until_it_is_known.before());
    return child_id;
  }();
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
