#pragma once

#include "sqlite/connection.hpp"

#include <chrono>
#include <functional>

namespace savepoint::sqlite {

/// Lets a connection wait that long for locks, and then as long as before.
class BusyTimeout {
public:
  BusyTimeout(Connection& connection, std::chrono::milliseconds timeout)
      : connection_(&connection), before_(connection.busy_timeout()) {
    connection.set_busy_timeout(timeout);
  }
  ~BusyTimeout() { connection_->set_busy_timeout(before_); }
  BusyTimeout(const BusyTimeout&) = delete;
  BusyTimeout& operator=(const BusyTimeout&) = delete;

private:
  Connection* connection_;
  std::chrono::milliseconds before_;
};

/// Tries until the result code is not that somebody else has `target` locked, in turns of half a
/// second: while SQLite waits for readers to leave, it lets no new ones in.
///
/// Throws SqliteBusy once that took longer than `timeout`.
int try_in_turns(Connection& target, std::chrono::milliseconds timeout,
                 const std::function<int()>& attempt);

} // namespace savepoint::sqlite
