#pragma once

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <functional>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace savepoint::test {

/// A child made by fork that runs `work` and ends with 0, or with 1 if `work` throws.
class ChildProcess {
public:
  explicit ChildProcess(const std::function<void()>& work) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) {
      throw std::system_error(errno, std::generic_category(), "cannot make a pipe");
    }
    id_ = fork();
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
    close(ends[1]);
    alive_ = ends[0];
  }
  ~ChildProcess() {
    if (id_ > 0) {
      kill_hard();
    }
    close(alive_);
  }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// Kills it with SIGKILL and waits until it is gone.
  void kill_hard() {
    ::kill(id_, SIGKILL);
    static_cast<void>(wait());
  }
  /// Kills it if it has not ended by itself when so much time has passed; whether it was killed.
  bool kill_after(std::chrono::nanoseconds time) {
    pollfd end{alive_, POLLIN, 0};
    const auto wait_for = std::chrono::ceil<std::chrono::milliseconds>(time).count();
    if (poll(&end, 1, static_cast<int>(wait_for)) != 0) {
      static_cast<void>(wait());
      return false;
    }
    kill_hard();
    return true;
  }
  /// Waits for its end; its exit status, or -1 if a signal ended it.
  [[nodiscard]] int wait() {
    int status = 0;
    waitpid(id_, &status, 0);
    id_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

private:
  pid_t id_ = -1;
  int alive_ = -1; ///< Of a pipe whose other end is with the child: it is hung up when it ends.
};

} // namespace savepoint::test
