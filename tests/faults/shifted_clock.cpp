// Preloaded into a program, sets its clock ahead by CLOCK_SHIFT seconds, or back.
#include <cstdlib>
#include <ctime>

#include <sys/syscall.h>
#include <unistd.h>

extern "C" __attribute__((visibility("default"))) int clock_gettime(clockid_t clock,
                                                                    timespec* time) noexcept {
  const auto result = static_cast<int>(syscall(SYS_clock_gettime, clock, time));
  const char* const shift = std::getenv("CLOCK_SHIFT");
  if (result == 0 && clock == CLOCK_REALTIME && shift != nullptr) {
    time->tv_sec += std::atol(shift);
  }
  return result;
}
