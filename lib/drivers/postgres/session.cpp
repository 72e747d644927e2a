#include "drivers/postgres/internal/session.hpp"

#include "base/printable.hpp"
#include "drivers/postgres/internal/libpq.hpp"

#include <cerrno>
#include <charconv>
#include <chrono>

#include <poll.h>

namespace savepoint::drivers::postgres {

namespace {

using Result = std::unique_ptr<PGresult, decltype(&PQclear)>;

/// One line, as our messages are: the server's own words without its prefix.
std::string one_line(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) {
    text.pop_back();
  }
  std::string line;
  for (const char character : text) {
    const char next = character == '\n' || character == '\t' ? ' ' : character;
    if (next != ' ' || line.empty() || line.back() != ' ') {
      line += next;
    }
  }
  return printable(line);
}

std::string hint_for(const Libpq& pq, PGconn* connection, const Access& access) {
  const bool has_password = !access.password.empty();
  const std::string where = access.source.empty() ? "its URL" : access.source;
  if (pq.needs_password(connection) != 0 && access.is_password_withheld) {
    return "PGPASSWORD was not sent, since only the project names this server: set PGHOST to it as "
           "well, or give the password in " +
           where + " or in ~/.pgpass";
  }
  if (pq.needs_password(connection) != 0) {
    return "give the password in " + where + ", in PGPASSWORD or in ~/.pgpass";
  }
  if (has_password && pq.used_password(connection) != 0) {
    return "check user and password in " + where;
  }
  return "check that the server runs, and host, port and database in " + where;
}

void ignore_notice(void*, const char*) {}

/// How long to wait for libpq to make progress.
std::chrono::seconds connect_timeout(const Access& access) {
  const auto found = access.keywords.find("connect_timeout");
  int seconds = 0;
  if (found != access.keywords.end()) {
    std::from_chars(found->second.data(), found->second.data() + found->second.size(), seconds);
  }
  return std::chrono::seconds(seconds > 0 ? seconds : 3600);
}

} // namespace

std::vector<std::string> endless_settings(int major) {
  std::vector<std::string> settings{"statement_timeout=0", "lock_timeout=0",
                                    "idle_in_transaction_session_timeout=0"};
  if (major >= 14) {
    settings.emplace_back("idle_session_timeout=0");
  }
  if (major >= 17) {
    settings.emplace_back("transaction_timeout=0");
  }
  return settings;
}

int Rows::count() const {
  return libpq().tuples(static_cast<PGresult*>(result_.get()));
}

bool Rows::is_null(int row, int column) const {
  return libpq().is_null(static_cast<PGresult*>(result_.get()), row, column) != 0;
}

std::string Rows::text(int row, int column) const {
  auto* result = static_cast<PGresult*>(result_.get());
  return {libpq().value(result, row, column),
          static_cast<std::size_t>(libpq().length(result, row, column))};
}

std::optional<std::string> Rows::optional_text(int row, int column) const {
  return is_null(row, column) ? std::nullopt : std::optional(text(row, column));
}

std::uint64_t Rows::number(int row, int column) const {
  const std::string digits = text(row, column);
  std::uint64_t value = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (failure != std::errc() || end != digits.data() + digits.size()) {
    throw DatabaseError("PostgreSQL answered " + quoted(digits) + " where a number was expected");
  }
  return value;
}

struct Session::State {
  State(const Access& the_access, const std::string& database, const std::string& application)
      : access(the_access), pq(libpq()) {
    std::vector<const char*> names;
    std::vector<const char*> values;
    const auto add = [&](const char* name, const std::string& value) {
      names.push_back(name);
      values.push_back(value.c_str());
    };
    for (const auto& [name, value] : access.keywords) {
      add(name.c_str(), value);
    }
    const std::string encoding = "UTF8";
    add("dbname", database);
    add("application_name", application);
    add("client_encoding", encoding);
    if (!access.password.empty()) {
      add("password", access.password.reveal());
    }
    names.push_back(nullptr);
    values.push_back(nullptr);
    connection = start_connection(names.data(), values.data());
    try {
      connect(database);
      pq.set_notice_processor(connection, ignore_notice, nullptr);
      // What the role or the database has set must not change what our statements mean or end them.
      std::string endless;
      for (const std::string& setting : endless_settings(pq.server_version(connection) / 10'000)) {
        endless += "SET " + setting + "; ";
      }
      run(endless + "SET standard_conforming_strings = on; SET search_path = pg_catalog; "
                    "SET DateStyle = ISO; SET row_security = off; "
                    "SET default_transaction_read_only = off; SET client_min_messages = warning; "
                    "SET default_transaction_isolation = 'read committed'; SET TimeZone = 'UTC'");
    } catch (...) {
      pq.finish(connection);
      throw;
    }
  }

  ~State() { pq.finish(connection); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void connect(const std::string& database) {
    const auto deadline = std::chrono::steady_clock::now() + connect_timeout(access);
    PostgresPollingStatusType next = PGRES_POLLING_WRITING;
    while (connection != nullptr && pq.status(connection) != CONNECTION_BAD &&
           next != PGRES_POLLING_OK && next != PGRES_POLLING_FAILED) {
      pollfd watched{pq.socket(connection),
                     static_cast<short>(next == PGRES_POLLING_READING ? POLLIN : POLLOUT), 0};
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
          deadline - std::chrono::steady_clock::now());
      if (left.count() <= 0) {
        throw ConnectionError("cannot connect to database " + quoted(database) + " at " +
                                  access.shown + ": the server does not answer",
                              "check that the server runs, and host and port");
      }
      const int ready = poll(&watched, 1, static_cast<int>(left.count()));
      if (ready > 0) {
        next = pq.connect_poll(connection);
      } else if (ready < 0 && errno != EINTR) {
        break;
      }
    }
    if (connection == nullptr || pq.status(connection) != CONNECTION_OK) {
      throw ConnectionError("cannot connect to database " + quoted(database) + " at " +
                                access.shown + ": " +
                                access.scrubbed(one_line(pq.error_message(connection))),
                            hint_for(pq, connection, access));
    }
  }

  [[noreturn]] void fail(const PGresult* result) const {
    const char* state =
        result == nullptr ? nullptr : pq.result_error_field(result, PG_DIAG_SQLSTATE);
    const char* primary =
        result == nullptr ? nullptr : pq.result_error_field(result, PG_DIAG_MESSAGE_PRIMARY);
    const char* detail =
        result == nullptr ? nullptr : pq.result_error_field(result, PG_DIAG_MESSAGE_DETAIL);
    std::string message = primary != nullptr ? primary : pq.error_message(connection);
    if (detail != nullptr) {
      message += " (" + std::string(detail) + ")";
    }
    if (pq.status(connection) == CONNECTION_BAD) {
      throw ServerError("lost the connection to " + access.shown + ": " +
                            access.scrubbed(one_line(message)),
                        "", "check that the server runs, then try again");
    }
    throw ServerError("PostgreSQL refused: " + access.scrubbed(one_line(message)),
                      state == nullptr ? "" : state);
  }

  Result checked(PGresult* raw) const {
    Result result(raw, pq.clear);
    const ExecStatusType status =
        raw == nullptr ? PGRES_FATAL_ERROR : pq.result_status(result.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && status != PGRES_EMPTY_QUERY &&
        status != PGRES_COPY_IN && status != PGRES_COPY_OUT) {
      fail(result.get());
    }
    return result;
  }

  void run(const std::string& sql) const { (void)checked(pq.exec(connection, sql.c_str())); }

  /// What came of a COPY: an error of the server is thrown, and the connection is ready again.
  void end_copy() const {
    Result failed(nullptr, pq.clear);
    for (PGresult* next = nullptr; (next = pq.get_result(connection)) != nullptr;) {
      Result result(next, pq.clear);
      if (pq.result_status(next) != PGRES_COMMAND_OK && failed == nullptr) {
        failed = std::move(result);
      }
    }
    if (failed != nullptr) {
      fail(failed.get());
    }
  }

  Access access;
  const Libpq& pq;
  PGconn* connection = nullptr;
};

void Session::Ending::operator()(State* state) const {
  delete state;
}

Session::Session(const Access& access, const std::string& database,
                 const std::string& application_name)
    : state_(new State(access, database, application_name)), database_(database) {}
Session::~Session() = default;
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;

Rows Session::query(const std::string& sql, const std::vector<std::string>& parameters) {
  std::vector<const char*> values;
  values.reserve(parameters.size());
  for (const std::string& parameter : parameters) {
    values.push_back(parameter.c_str());
  }
  Result result = state_->checked(state_->pq.exec_params(state_->connection, sql.c_str(),
                                                         static_cast<int>(values.size()), nullptr,
                                                         values.data(), nullptr, nullptr, 0));
  return Rows(std::shared_ptr<void>(result.release(), [pq = &state_->pq](void* done) {
    pq->clear(static_cast<PGresult*>(done));
  }));
}

void Session::execute(const std::string& sql) {
  state_->run(sql);
}

void Session::copy_in(const std::string& sql, const std::function<void(const Put&)>& feed) {
  const State& state = *state_;
  state.run(sql);
  bool is_taken = true;
  try {
    feed([&](ByteView bytes) {
      constexpr std::size_t k_most = std::size_t{1} << 20U;
      while (!bytes.empty() && is_taken) {
        const ByteView piece = bytes.first(std::min(bytes.size(), k_most));
        is_taken =
            state.pq.put_copy_data(state.connection, reinterpret_cast<const char*>(piece.data()),
                                   static_cast<int>(piece.size())) == 1;
        bytes = bytes.subspan(piece.size());
      }
    });
  } catch (...) {
    state.pq.put_copy_end(state.connection, "savepoint gave up");
    while (PGresult* rest = state.pq.get_result(state.connection)) {
      state.pq.clear(rest);
    }
    throw;
  }
  state.pq.put_copy_end(state.connection, nullptr);
  state.end_copy();
}

void Session::copy_out(const std::string& sql, const std::function<void(ByteView)>& take) {
  const State& state = *state_;
  state.run(sql);
  char* row = nullptr;
  for (int size = 0; (size = state.pq.get_copy_data(state.connection, &row, 0)) > 0;) {
    const std::unique_ptr<char, decltype(&PQfreemem)> owned(row, state.pq.free_memory);
    take(as_bytes({row, static_cast<std::size_t>(size)}));
  }
  state.end_copy();
}

int Session::server_version() const {
  return state_->pq.server_version(state_->connection);
}

int Session::backend() const {
  return state_->pq.backend_pid(state_->connection);
}

Transaction::~Transaction() {
  if (session_ == nullptr) {
    return;
  }
  try {
    session_->execute("ROLLBACK");
  } catch (const Error&) {
    return; // the connection is gone, and the transaction with it
  }
}

void Transaction::commit() {
  session_->execute("COMMIT");
  session_ = nullptr;
}

} // namespace savepoint::drivers::postgres
