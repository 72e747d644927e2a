#pragma once

#include "database/driver.hpp"
#include "drivers/mariadb/internal/scratch.hpp"
#include "drivers/mariadb/internal/session.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace savepoint::drivers::mariadb {

/// A table's name before and after, with schemas and quoted.
struct Rename {
  std::string from;
  std::string to;
};

/// RENAME TABLE for all of them, each seeing what those before it have done.
[[nodiscard]] std::string rename_statement(const std::vector<Rename>& renames);

/// Keeps others from writing to a database, and hands its tables over to a statement that
/// exchanges them. Why no commit is lost between the two: docs/drivers/mariadb.md.
class WriteLock {
public:
  struct Options {
    std::chrono::milliseconds wait{10'000};
    bool disconnect = false;
    const Cancellation* cancellation = nullptr;
  };
  /// Waits until nobody writes. `control` must outlive the lock.
  ///
  /// Throws BusyError with the sessions that stayed, RefusedError if they cannot be ended.
  WriteLock(const database::Address& address, Session& control, std::vector<std::string> tables,
            const Options& options);
  ~WriteLock();
  WriteLock(const WriteLock&) = delete;
  WriteLock& operator=(const WriteLock&) = delete;

  /// Exchanges tables by one RENAME of them all. The lock is gone afterwards.
  ///
  /// Throws MovedError if somebody may have written before the statement had all tables for
  /// itself; else as the constructor. Then nothing was renamed.
  void exchange(const ScratchNames& names, const std::vector<Rename>& renames);

private:
  using Clock = std::chrono::steady_clock;

  /// Where a session may rename what it has locked: no gate and no guards are needed.
  void exchange_under_lock(const std::vector<Rename>& renames);
  void exchange_through_gate(const ScratchNames& names, const std::vector<Rename>& renames);
  [[noreturn]] void throw_moved() const;

  void start_deadline();
  /// Whether to give up; ends the sessions of others when it is time for that.
  [[nodiscard]] bool is_too_late();
  void wait_for(Session& session, const std::string& action);
  /// Waits until `session` waits for `table`, or has it.
  void wait_until_queued(Session& session, const std::string& table);
  /// Waits until `session` has `table` for itself; false if that takes suspiciously long.
  [[nodiscard]] bool is_owned_soon(Session& session, const std::string& table);
  /// Waits until `probe` has to wait, or `session` no more; false if that is not so by `end`.
  [[nodiscard]] bool wait_for_probe(Session& session, const std::string& probe,
                                    Clock::time_point end = Clock::time_point::max());
  /// Puts a guard before each table but the first, as far as there are sessions.
  void place_guards(const ScratchNames& names);
  /// Lets the worker past the guards, one table after the other.
  ///
  /// A client can come in between, when a guard is gone and the worker not yet where it was: with
  /// that table it may wait for another one at the next guard, and the worker for it. So guards
  /// that the worker does not get past go as well.
  void withdraw_guards();
  void stop(Session& session) noexcept;
  /// Stops the statement and throws, unless it came to its end meanwhile.
  void give_up(Session& session, const std::string& action);
  void end_sessions();
  [[nodiscard]] Rows other_sessions();

  const database::Address address_;
  Session* control_;
  Options options_;
  std::vector<std::string> tables_;
  Clock::time_point deadline_;
  Clock::time_point patience_ends_; ///< Before `deadline_` only if sessions may be ended then.
  std::unique_ptr<Session> holder_;
  std::unique_ptr<Session> gatekeeper_;
  std::unique_ptr<Session> probe_;
  std::unique_ptr<Session> worker_;
  /// Each waits for one table, and has it from the moment when `holder_` lets go of it until the
  /// worker waits for it: of those who wait, they come before others who want to write.
  std::vector<std::unique_ptr<Session>> guards_;
};

} // namespace savepoint::drivers::mariadb
