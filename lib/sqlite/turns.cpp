#include "sqlite/internal/turns.hpp"

#include "sqlite/internal/failure.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <thread>

namespace savepoint::sqlite {

namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds k_longest_turn{500};
constexpr std::chrono::milliseconds k_between_turns{20};

} // namespace

int try_in_turns(Connection& target, std::chrono::milliseconds timeout,
                 const std::function<int()>& attempt) {
  const SteadyClock::time_point deadline = SteadyClock::now() + timeout;
  while (true) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - SteadyClock::now());
    const BusyTimeout turn(target, std::clamp(left, std::chrono::milliseconds(0), k_longest_turn));
    const int code = attempt();
    const int primary = code & 0xff;
    if (primary != SQLITE_BUSY && primary != SQLITE_LOCKED) {
      return code;
    }
    if (SteadyClock::now() + k_between_turns >= deadline) {
      const char* file = sqlite3_db_filename(target.handle(), "main");
      fail(SQLITE_BUSY, 0, "copy into", file == nullptr ? "" : file, sqlite3_errstr(code));
    }
    std::this_thread::sleep_for(k_between_turns);
  }
}

} // namespace savepoint::sqlite
