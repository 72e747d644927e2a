#include "sqlite/connection.hpp"
#include "sqlite/internal/failure.hpp"
#include "sqlite/internal/turns.hpp"

#include <sqlite3.h>

#include <optional>

namespace savepoint::sqlite {

namespace {

// Pages between two looks at the wish to stop.
constexpr int k_pages_at_a_time = 4096;

struct Finish {
  void operator()(sqlite3_backup* backup) const noexcept { sqlite3_backup_finish(backup); }
};

/// One attempt; SQLITE_DONE, SQLITE_ABORT if `target` is not at `version` any more, or what went
/// wrong. Until it is done, finishing it undoes it.
int copy_pages(Connection& source, Connection& target, std::optional<std::uint32_t> version,
               const Cancellation& cancellation) {
  const std::unique_ptr<sqlite3_backup, Finish> copy(
      sqlite3_backup_init(target.handle(), "main", source.handle(), "main"));
  if (copy == nullptr) {
    fail(target.handle(), "copy into");
  }
  int code = sqlite3_backup_step(copy.get(), 0); // just locks the target
  if (code == SQLITE_OK && version && target.seen_version() != *version) {
    return SQLITE_ABORT;
  }
  while (code == SQLITE_OK) {
    cancellation.check();
    code = sqlite3_backup_step(copy.get(), k_pages_at_a_time);
  }
  return code;
}

bool copy_all(Connection& source, Connection& target, std::optional<std::uint32_t> version,
              std::chrono::milliseconds timeout, const Cancellation& cancellation) {
  const BusyTimeout source_waits(source, timeout);
  // A view of its own keeps others from restarting the copy, and lets it be made in pieces.
  std::optional<Transaction> view;
  if (!source.in_transaction()) {
    view.emplace(source, Transaction::Kind::read);
  }
  const int code = try_in_turns(target, timeout,
                                [&] { return copy_pages(source, target, version, cancellation); });
  if (code != SQLITE_DONE && code != SQLITE_ABORT) {
    const char* file = sqlite3_db_filename(target.handle(), "main");
    fail(code, sqlite3_system_errno(target.handle()), "copy into", file == nullptr ? "" : file,
         sqlite3_errstr(code));
  }
  return code == SQLITE_DONE;
}

} // namespace

void backup(Connection& source, Connection& target, std::chrono::milliseconds timeout,
            const Cancellation& cancellation) {
  (void)copy_all(source, target, std::nullopt, timeout, cancellation);
}

bool backup_if_unchanged(Connection& source, Connection& target, std::uint32_t version,
                         std::chrono::milliseconds timeout) {
  return copy_all(source, target, version, timeout, Cancellation());
}

} // namespace savepoint::sqlite
