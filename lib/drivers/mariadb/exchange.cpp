#include "drivers/mariadb/internal/exchange.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "drivers/mariadb/internal/sql_text.hpp"

#include <algorithm>

namespace savepoint::drivers::mariadb {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t k_most_listed = 10;
constexpr std::size_t k_most_guards = 32;
constexpr std::int64_t k_sessions_of_others = 20; // that the server must still have room for
// How long others may take to leave by themselves before their sessions are ended.
constexpr std::chrono::milliseconds k_patience = 1s;
// To get past a guard takes a millisecond, unless somebody is in between.
constexpr std::chrono::milliseconds k_soon = 1s;
constexpr unsigned k_no_such_session = 1094;
constexpr unsigned k_table_exists = 1050;
// https://dev.mysql.com/doc/refman/8.0/en/rename-table.html
constexpr unsigned k_first_mysql_that_renames_what_it_locked = 80013;

/// Counts everything on the server that changes rows, or tables with their rows.
std::uint64_t writes_on_server(Session& session) {
  // MySQL writes the answer to this very question to a table, which counts as Handler_write.
  const std::string inserted = session.is_mariadb() ? "Handler_write" : "Innodb_rows_inserted";
  std::uint64_t sum = 0;
  for (const std::vector<Cell>& row : session.query(
           "SHOW GLOBAL STATUS WHERE Variable_name IN ('" + inserted +
           "', 'Handler_update', 'Handler_delete', 'Com_alter_table', 'Com_create_index', "
           "'Com_drop_index', 'Com_drop_table', 'Com_truncate', 'Com_load')")) {
    sum += std::stoull(row[1].value_or("0"));
  }
  return sum;
}

} // namespace

std::string rename_statement(const std::vector<Rename>& renames) {
  std::string statement;
  for (const Rename& rename : renames) {
    statement += (statement.empty() ? "RENAME TABLE " : ", ") + rename.from + " TO " + rename.to;
  }
  return statement;
}

WriteLock::WriteLock(const database::Address& address, Session& control,
                     std::vector<std::string> tables, const Options& options)
    : address_(address), control_(&control), options_(options), tables_(std::move(tables)),
      holder_(std::make_unique<Session>(address, Purpose::restore)),
      gatekeeper_(std::make_unique<Session>(address, Purpose::restore)),
      probe_(std::make_unique<Session>(address, Purpose::restore)),
      worker_(std::make_unique<Session>(address, Purpose::restore)) {
  std::ranges::sort(tables_); // the order in which the server takes locks
  if (probe_->attempt("SET SESSION lock_wait_timeout = 0") != 0) {
    probe_->execute("SET SESSION lock_wait_timeout = 1");
  }
  start_deadline();
  if (tables_.empty()) {
    return;
  }
  std::string statement;
  for (const std::string& table : tables_) {
    statement +=
        (statement.empty() ? "LOCK TABLES " : ", ") + name_of(address_.database, table) + " READ";
  }
  holder_->start(statement);
  wait_for(*holder_, "keep others from writing to " + quoted(address_.database));
}

WriteLock::~WriteLock() {
  // What waits for a table keeps others from it until the server sees that its session is gone.
  for (const std::unique_ptr<Session>& guard : guards_) {
    stop(*guard);
  }
  stop(*worker_);
}

void WriteLock::stop(Session& session) noexcept {
  if (!session.is_busy()) {
    return;
  }
  try {
    (void)control_->attempt("KILL QUERY " + std::to_string(session.id()));
    (void)session.finish();
  } catch (const std::exception&) {
    return; // then the server is gone
  }
}

void WriteLock::start_deadline() {
  deadline_ = Clock::now() + options_.wait;
  patience_ends_ = deadline_;
  if (options_.disconnect) {
    patience_ends_ = std::min(deadline_, Clock::now() + k_patience);
  }
}

bool WriteLock::is_too_late() {
  if (options_.cancellation != nullptr && options_.cancellation->requested()) {
    return true;
  }
  if (Clock::now() < patience_ends_) {
    return false;
  }
  if (patience_ends_ < deadline_) {
    patience_ends_ = deadline_;
    end_sessions();
    return false;
  }
  return true;
}

void WriteLock::wait_for(Session& session, const std::string& action) {
  while (session.is_busy() && !session.is_done(20ms)) {
    if (is_too_late()) {
      give_up(session, action);
    }
  }
  if (session.is_busy() && session.finish() != 0) {
    session.fail(action);
  }
}

void WriteLock::give_up(Session& session, const std::string& action) {
  const Rows others = other_sessions();
  (void)control_->attempt("KILL QUERY " + std::to_string(session.id()));
  if (session.finish() == 0) {
    return;
  }
  if (options_.cancellation != nullptr) {
    options_.cancellation->check();
  }
  std::string list;
  for (std::size_t i = 0; i < std::min(others.size(), k_most_listed); ++i) {
    const auto cell = [&](std::size_t column) { return others[i][column].value_or("-"); };
    list += (i == 0 ? "" : ", ") + cell(0) + " (" + printable(cell(1)) + " from " +
            printable(cell(2)) + ", " + printable(cell(3)) + " for " + cell(4) + " s)";
  }
  throw BusyError(
      "cannot " + action + ": others kept it for " + std::to_string(options_.wait.count() / 1000) +
          " s" + (list.empty() ? "" : "; sessions: " + list),
      list.empty()
          ? "to see whose sessions these are: GRANT PROCESS ON *.* TO " + control_->grantee() + ";"
          : "end them, or let --disconnect do it");
}

Rows WriteLock::other_sessions() {
  std::string ours = std::to_string(control_->id());
  for (const Session* session : {holder_.get(), gatekeeper_.get(), probe_.get(), worker_.get()}) {
    ours += ", " + std::to_string(session->id());
  }
  return control_->query(
      "SELECT ID, USER, HOST, COMMAND, TIME FROM information_schema.PROCESSLIST WHERE DB = " +
      literal(address_.database) + " AND ID NOT IN (" + ours + ") ORDER BY ID");
}

void WriteLock::end_sessions() {
  for (const std::vector<Cell>& row : other_sessions()) {
    const unsigned failed = control_->attempt("KILL " + row[0].value_or("0"));
    if (failed != 0 && failed != k_no_such_session) {
      const bool is_old =
          control_->is_mariadb() ? control_->version() < 100502 : control_->version() < 80000;
      throw RefusedError("the server does not let us end session " + row[0].value_or("") + " of " +
                             quoted(row[1].value_or("")),
                         std::string("let the server's administrator run: GRANT ") +
                             (is_old                   ? "SUPER"
                              : control_->is_mariadb() ? "CONNECTION ADMIN, PROCESS"
                                                       : "CONNECTION_ADMIN, PROCESS") +
                             " ON *.* TO " + control_->grantee() + ";");
    }
  }
}

bool WriteLock::wait_for_probe(Session& session, const std::string& probe, Clock::time_point end) {
  while (session.is_busy() && probe_->attempt(probe) != k_lock_wait_timeout) {
    if (session.is_done(1ms)) {
      return true; // it did not have to wait, or it failed: who started it finds out
    }
    if (Clock::now() >= end) {
      return false;
    }
    if (is_too_late()) {
      give_up(session, "exchange the tables of " + quoted(address_.database));
    }
  }
  return true;
}

void WriteLock::wait_until_queued(Session& session, const std::string& table) {
  // Preparing a statement waits for nobody but those who want the table for themselves.
  (void)wait_for_probe(session, "PREPARE savepoint_probe FROM " +
                                    literal("SELECT 1 FROM " + name_of(address_.database, table)));
}

bool WriteLock::is_owned_soon(Session& session, const std::string& table) {
  // Looking at columns waits for nobody but those who have the table for themselves.
  return wait_for_probe(session, "SHOW COLUMNS FROM " + name_of(address_.database, table),
                        Clock::now() + k_soon);
}

void WriteLock::place_guards(const ScratchNames& names) {
  const auto number = [this](const std::string& sql) {
    return std::stoll(control_->value(sql).value_or("0"));
  };
  const std::int64_t free = number("SELECT @@max_connections") -
                            number("SELECT COUNT(*) FROM information_schema.PROCESSLIST") -
                            k_sessions_of_others;
  const std::size_t most =
      std::min(k_most_guards, static_cast<std::size_t>(std::max<std::int64_t>(free, 0)));
  for (std::size_t i = 1; i < tables_.size() && guards_.size() < most; ++i) {
    guards_.push_back(std::make_unique<Session>(address_, Purpose::restore));
    // Renames nothing: the gate is closed for as long as there are guards.
    guards_.back()->start("RENAME TABLE " + name_of(address_.database, names.gate()) + " TO " +
                          name_of(address_.database, names.open_gate()) + ", " +
                          name_of(address_.database, tables_[i]) + " TO " +
                          name_of(address_.database, names.lock() + "_guard_" + std::to_string(i)));
    wait_until_queued(*guards_.back(), tables_[i]);
  }
}

void WriteLock::withdraw_guards() {
  bool comes_past = true;
  for (std::size_t i = 0; i < guards_.size(); ++i) {
    comes_past = comes_past && is_owned_soon(*worker_, tables_[i]);
    stop(*guards_[i]);
  }
  guards_.clear();
}

void WriteLock::exchange(const ScratchNames& names, const std::vector<Rename>& renames) {
  start_deadline();
  worker_->execute("DO GET_LOCK(" + literal(names.exchange_lock()) + ", 0)");
  if (!control_->is_mariadb() && control_->version() >= k_first_mysql_that_renames_what_it_locked) {
    exchange_under_lock(renames);
  } else {
    exchange_through_gate(names, renames);
  }
}

void WriteLock::exchange_under_lock(const std::vector<Rename>& renames) {
  std::string statement;
  for (const Rename& rename : renames) {
    statement += (statement.empty() ? "LOCK TABLES " : ", ") + rename.from + " WRITE";
  }
  const std::uint64_t before = writes_on_server(*control_);
  worker_->start(statement);
  holder_->execute("UNLOCK TABLES");
  wait_for(*worker_, "exchange the tables of " + quoted(address_.database));
  if (writes_on_server(*control_) != before) {
    throw_moved();
  }
  worker_->execute(rename_statement(renames));
}

void WriteLock::exchange_through_gate(const ScratchNames& names,
                                      const std::vector<Rename>& renames) {
  const std::string gate = name_of(address_.database, names.gate());
  const std::string open_gate = name_of(address_.database, names.open_gate());
  control_->execute("CREATE TABLE " + gate + " (n INT)");
  control_->execute("CREATE TABLE " + open_gate + " (n INT)");
  gatekeeper_->execute("LOCK TABLES " + gate + " READ");
  place_guards(names);
  // Renaming the gate fails before anything else is renamed if we are gone by then.
  std::vector<Rename> all{{gate, open_gate}};
  all.insert(all.end(), renames.begin(), renames.end());
  worker_->start(rename_statement(all));
  wait_until_queued(*worker_, tables_.empty() ? names.gate() : tables_.front());
  const std::uint64_t before = writes_on_server(*control_);
  holder_->execute("UNLOCK TABLES");
  withdraw_guards();
  // Once it waits at the gate it has all tables for itself, and has done nothing yet.
  wait_until_queued(*worker_, names.gate());
  if (worker_->is_busy() && !worker_->is_done(0ms) && writes_on_server(*control_) == before) {
    control_->execute("DROP TABLE " + open_gate);
  }
  gatekeeper_->execute("UNLOCK TABLES");
  while (worker_->is_busy() && !worker_->is_done(20ms)) {
    if (is_too_late()) {
      give_up(*worker_, "exchange the tables of " + quoted(address_.database));
    }
  }
  const unsigned failed = worker_->is_busy() ? worker_->finish() : 0;
  const bool is_gate_closed =
      failed == k_table_exists && worker_->complaint().find(names.open_gate()) != std::string::npos;
  if (is_gate_closed) {
    throw_moved();
  }
  if (failed != 0) {
    worker_->fail("exchange the tables of " + quoted(address_.database));
  }
}

void WriteLock::throw_moved() const {
  throw database::MovedError("others write to the server without a pause",
                             "stop what writes to " + quoted(address_.database) +
                                 ", or use --disconnect");
}

} // namespace savepoint::drivers::mariadb
