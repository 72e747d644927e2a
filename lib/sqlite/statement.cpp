#include "sqlite/connection.hpp"
#include "sqlite/internal/failure.hpp"

#include <sqlite3.h>

#include <limits>

namespace savepoint::sqlite {

namespace {

void expect_ok(int code, sqlite3* handle) {
  if (code != SQLITE_OK) {
    fail(handle, "use");
  }
}

} // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const noexcept {
  sqlite3_finalize(statement);
}

Statement::Statement(Connection& connection, std::string_view sql)
    : connection_(connection.handle()) {
  if (sql.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    bug("a statement of more than two gigabytes");
  }
  sqlite3_stmt* statement = nullptr;
  expect_ok(sqlite3_prepare_v2(connection_, sql.data(), static_cast<int>(sql.size()), &statement,
                               nullptr),
            connection_);
  statement_.reset(statement);
  if (statement == nullptr) {
    bug("an empty statement");
  }
}

Statement::~Statement() = default;
Statement::Statement(Statement&&) noexcept = default;
Statement& Statement::operator=(Statement&&) noexcept = default;

Statement& Statement::bind(int index, std::int64_t value) {
  expect_ok(sqlite3_bind_int64(statement_.get(), index, value), connection_);
  return *this;
}

Statement& Statement::bind(int index, std::string_view text) {
  const char* data = text.data() == nullptr ? "" : text.data();
  expect_ok(sqlite3_bind_text64(statement_.get(), index, data, text.size(), SQLITE_TRANSIENT,
                                SQLITE_UTF8),
            connection_);
  return *this;
}

Statement& Statement::bind(int index, ByteView blob) {
  const void* data = blob.data() == nullptr ? "" : static_cast<const void*>(blob.data());
  expect_ok(sqlite3_bind_blob64(statement_.get(), index, data, blob.size(), SQLITE_TRANSIENT),
            connection_);
  return *this;
}

Statement& Statement::bind_null(int index) {
  expect_ok(sqlite3_bind_null(statement_.get(), index), connection_);
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code != SQLITE_ROW && code != SQLITE_DONE) {
    fail(connection_, "use");
  }
  return code == SQLITE_ROW;
}

void Statement::run() {
  while (step()) {
  }
  reset();
}

void Statement::reset() {
  expect_ok(sqlite3_reset(statement_.get()), connection_);
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string_view Statement::text(int column) const {
  const unsigned char* data = sqlite3_column_text(statement_.get(), column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
  return data == nullptr ? std::string_view()
                         : std::string_view(reinterpret_cast<const char*>(data), size);
}

ByteView Statement::blob(int column) const {
  const void* data = sqlite3_column_blob(statement_.get(), column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
  return data == nullptr ? ByteView() : ByteView(static_cast<const std::byte*>(data), size);
}

} // namespace savepoint::sqlite
