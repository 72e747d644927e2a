#include "sqlite/connection.hpp"

#include "sqlite/internal/failure.hpp"
#include "sqlite/internal/system_calls.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <thread>

namespace savepoint::sqlite {

namespace {

using SteadyClock = std::chrono::steady_clock;

// Short, so that a gap between two writers who take turns is not slept through.
constexpr std::chrono::microseconds k_first_nap{200};
constexpr std::chrono::microseconds k_longest_nap{1000};

int flags_of(OpenMode mode) {
  switch (mode) {
  case OpenMode::read_only:
    return SQLITE_OPEN_READONLY;
  case OpenMode::read_write:
    return SQLITE_OPEN_READWRITE;
  case OpenMode::create:
    return SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  case OpenMode::immutable:
    return SQLITE_OPEN_READONLY | SQLITE_OPEN_URI;
  }
  bug("an unknown way to open a database");
}

/// `path` as SQLite takes it: absolute, so that no name can be taken for a URI or for memory.
std::string name_for(const std::filesystem::path& path, OpenMode mode) {
  const std::string name = std::filesystem::absolute(path).string();
  if (mode != OpenMode::immutable) {
    return name;
  }
  constexpr std::string_view k_digits = "0123456789abcdef";
  std::string uri = "file:";
  for (const char character : name) {
    const auto byte = static_cast<unsigned char>(character);
    const bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                       (byte >= '0' && byte <= '9') || byte == '/' || byte == '.' || byte == '-';
    if (plain) {
      uri += character;
    } else {
      uri += '%';
      uri += k_digits[byte >> 4U];
      uri += k_digits[byte & 0xfU];
    }
  }
  return uri + "?immutable=1";
}

void configure(sqlite3* handle, int option, int value) {
  if (sqlite3_db_config(handle, option, value, nullptr) != SQLITE_OK) {
    fail(handle, "configure");
  }
}

} // namespace

struct Connection::BusyWait {
  std::chrono::milliseconds timeout{0};
  const Cancellation* cancellation = nullptr;
  SteadyClock::time_point began{};

  static int nap(void* self, int count) noexcept {
    auto& wait = *static_cast<BusyWait*>(self);
    const SteadyClock::time_point now = SteadyClock::now();
    if (count == 0) {
      wait.began = now;
    }
    const bool stopped = wait.cancellation != nullptr && wait.cancellation->requested();
    if (stopped || now - wait.began >= wait.timeout) {
      return 0;
    }
    std::this_thread::sleep_for(std::min(k_first_nap * (count + 1), k_longest_nap));
    return 1;
  }
};

void Connection::Close::operator()(sqlite3* handle) const noexcept {
  sqlite3_close_v2(handle);
}

Connection::Connection(const std::filesystem::path& file, OpenMode mode, Symlinks symlinks)
    : Connection(name_for(file, mode),
                 flags_of(mode) | (symlinks == Symlinks::refuse ? SQLITE_OPEN_NOFOLLOW : 0)) {}

Connection Connection::in_memory() {
  return Connection(":memory:", flags_of(OpenMode::create));
}

Connection::Connection(const std::string& name, int flags)
    : busy_wait_(std::make_unique<BusyWait>()) {
  refuse_new_symlinks();
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(name.c_str(), &handle,
                                   flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  handle_.reset(handle);
  if (code != SQLITE_OK) {
    const int system_errno = handle == nullptr ? 0 : sqlite3_system_errno(handle);
    fail(code, system_errno, "open", name,
         handle == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(handle));
  }
  set_busy_timeout(std::chrono::milliseconds(0));
}

Connection::~Connection() = default;
Connection::Connection(Connection&&) noexcept = default;

Connection& Connection::operator=(Connection&& other) noexcept {
  handle_ = std::move(other.handle_); // first: the old handle points to the old wait
  busy_wait_ = std::move(other.busy_wait_);
  return *this;
}

void Connection::set_busy_timeout(std::chrono::milliseconds timeout,
                                  const Cancellation* cancellation) {
  busy_wait_->timeout = timeout;
  busy_wait_->cancellation = cancellation;
  sqlite3_busy_handler(handle(), &BusyWait::nap, busy_wait_.get()); // a pragma may have replaced it
}

std::chrono::milliseconds Connection::busy_timeout() const {
  return busy_wait_->timeout;
}

void Connection::distrust(LastClose last_close) {
  configure(handle(), SQLITE_DBCONFIG_DEFENSIVE, 1);
  configure(handle(), SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0);
  configure(handle(), SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0);
  configure(handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE,
            last_close == LastClose::leaves_wal ? 1 : 0);
  sqlite3_wal_autocheckpoint(handle(), 0);
}

void Connection::execute(const std::string& sql) {
  if (sqlite3_exec(handle(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    fail(handle(), "use");
  }
}

Statement Connection::prepare(std::string_view sql) {
  return Statement(*this, sql);
}

std::int64_t Connection::query_integer(std::string_view sql) {
  Statement statement = prepare(sql);
  if (!statement.step()) {
    throw DatabaseError("a query that must have a row has none");
  }
  return statement.integer(0);
}

std::string Connection::query_text(std::string_view sql) {
  Statement statement = prepare(sql);
  if (!statement.step()) {
    throw DatabaseError("a query that must have a row has none");
  }
  return std::string(statement.text(0));
}

bool Connection::is_read_only() const {
  return sqlite3_db_readonly(handle(), "main") != 0;
}

bool Connection::in_transaction() const {
  return sqlite3_txn_state(handle(), "main") != SQLITE_TXN_NONE;
}

Bytes Connection::file_header() {
  sqlite3_file* file = nullptr;
  if (sqlite3_file_control(handle(), "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK ||
      file == nullptr || file->pMethods == nullptr) {
    fail(handle(), "read");
  }
  sqlite3_int64 size = 0;
  int code = file->pMethods->xFileSize(file, &size);
  Bytes header(static_cast<std::size_t>(std::clamp<sqlite3_int64>(size, 0, 100)));
  if (code == SQLITE_OK && !header.empty()) {
    code = file->pMethods->xRead(file, header.data(), static_cast<int>(header.size()), 0);
  }
  if (code != SQLITE_OK) {
    const char* name = sqlite3_db_filename(handle(), "main");
    fail(code, 0, "read", name == nullptr ? "" : name, sqlite3_errstr(code));
  }
  return header;
}

std::uint32_t Connection::seen_version() {
  std::uint32_t version = 0;
  if (sqlite3_file_control(handle(), "main", SQLITE_FCNTL_DATA_VERSION, &version) != SQLITE_OK) {
    fail(handle(), "read");
  }
  return version;
}

namespace {

const char* begin_of(Transaction::Kind kind) {
  switch (kind) {
  case Transaction::Kind::read:
    return "BEGIN";
  case Transaction::Kind::write:
    return "BEGIN IMMEDIATE";
  case Transaction::Kind::exclusive:
    return "BEGIN EXCLUSIVE";
  }
  bug("an unknown kind of transaction");
}

} // namespace

Transaction::Transaction(Connection& connection, const char* begin) : connection_(&connection) {
  connection.execute(begin);
}

Transaction::Transaction(Connection& connection, Kind kind)
    : Transaction(connection, begin_of(kind)) {
  if (kind == Kind::read) {
    // BEGIN alone takes no lock and sees nothing yet.
    (void)connection.query_integer("PRAGMA schema_version");
  }
}

Transaction::~Transaction() {
  if (open_ && sqlite3_get_autocommit(connection_->handle()) == 0) {
    sqlite3_exec(connection_->handle(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
}

void Transaction::commit() {
  connection_->execute("COMMIT");
  open_ = false;
}

} // namespace savepoint::sqlite
