#pragma once

#include <csignal>
#include <cstdio>
#include <exception>
#include <functional>

#include <sys/wait.h>
#include <unistd.h>

namespace savepoint::test {

/// A child made by fork that runs `work` and ends with 0, or with 1 if `work` throws.
class ChildProcess {
public:
  explicit ChildProcess(const std::function<void()>& work) : id_(fork()) {
    if (id_ == 0) {
      int status = 0;
      try {
        work();
      } catch (const std::exception& error) {
        std::fprintf(stderr, "child: %s\n", error.what());
        status = 1;
      }
      _exit(status);
    }
  }
  ~ChildProcess() {
    if (id_ > 0) {
      kill_hard();
    }
  }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// Kills it with SIGKILL and waits until it is gone.
  void kill_hard() {
    ::kill(id_, SIGKILL);
    static_cast<void>(wait());
  }
  /// Waits for its end; its exit status, or -1 if a signal ended it.
  [[nodiscard]] int wait() {
    int status = 0;
    waitpid(id_, &status, 0);
    id_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

private:
  pid_t id_;
};

} // namespace savepoint::test
