#include "process/internal/separate.hpp"

#include <csignal>

#include <fcntl.h>
#if __has_include(<linux/close_range.h>)
#include <linux/close_range.h>
#endif
#include <unistd.h>

namespace savepoint::process {
namespace {

/// Marks every file but the standard ones to be closed by exec.
void close_others_on_exec() noexcept {
#if defined(CLOSE_RANGE_CLOEXEC)
  if (close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) == 0) {
    return;
  }
#endif
  constexpr int k_enough = 4096;
  for (int file = STDERR_FILENO + 1; file < k_enough; ++file) {
    fcntl(file, F_SETFD, FD_CLOEXEC);
  }
}

} // namespace

void separate() noexcept {
  setsid();
  close_others_on_exec();
  ::signal(SIGPIPE, SIG_DFL);
  sigset_t none{};
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

} // namespace savepoint::process
