#include "drivers/mariadb/internal/session.hpp"

#include "base/printable.hpp"
#include "drivers/mariadb/internal/handle.hpp"
#include "drivers/mariadb/internal/refusal.hpp"
#include "drivers/mariadb/internal/sql_text.hpp"

#include <cerrno>
#include <charconv>

#include <poll.h>

namespace savepoint::drivers::mariadb {

namespace {

constexpr unsigned k_binary_charset = 63;

struct FreeResult {
  void operator()(MYSQL_RES* result) const noexcept { client_library().free_result(result); }
};
using Result = std::unique_ptr<MYSQL_RES, FreeResult>;

Column::Kind kind_of(const MYSQL_FIELD& field) {
  switch (field.type) {
  case MYSQL_TYPE_DECIMAL:
  case MYSQL_TYPE_NEWDECIMAL:
  case MYSQL_TYPE_TINY:
  case MYSQL_TYPE_SHORT:
  case MYSQL_TYPE_INT24:
  case MYSQL_TYPE_LONG:
  case MYSQL_TYPE_LONGLONG:
  case MYSQL_TYPE_FLOAT:
  case MYSQL_TYPE_DOUBLE:
  case MYSQL_TYPE_YEAR:
  case MYSQL_TYPE_NULL:
    return Column::Kind::number;
  case MYSQL_TYPE_BIT:
  case MYSQL_TYPE_GEOMETRY:
    return Column::Kind::binary;
  case MYSQL_TYPE_TIMESTAMP:
  case MYSQL_TYPE_DATE:
  case MYSQL_TYPE_TIME:
  case MYSQL_TYPE_DATETIME:
  case MYSQL_TYPE_NEWDATE:
  case MYSQL_TYPE_TIMESTAMP2:
  case MYSQL_TYPE_DATETIME2:
  case MYSQL_TYPE_TIME2:
  case MYSQL_TYPE_JSON:
    return Column::Kind::text;
  default:
    return field.charsetnr == k_binary_charset ? Column::Kind::binary : Column::Kind::text;
  }
}

class ServerStream final : public Stream {
public:
  ServerStream(Session& session, MYSQL* mysql, MYSQL_RES* result)
      : session_(&session), mysql_(mysql), result_(result) {
    const unsigned count = client_library().num_fields(result);
    const MYSQL_FIELD* const fields = client_library().fetch_fields(result);
    for (unsigned i = 0; i < count; ++i) {
      columns_.push_back({{fields[i].name, fields[i].name_length}, kind_of(fields[i])});
    }
  }

  [[nodiscard]] const std::vector<Column>& columns() const override { return columns_; }
  [[nodiscard]] bool next() override {
    row_ = client_library().fetch_row(result_.get());
    if (row_ == nullptr) {
      if (client_library().error_number(mysql_) != 0) {
        session_->fail();
      }
      return false;
    }
    lengths_ = client_library().fetch_lengths(result_.get());
    return true;
  }
  [[nodiscard]] std::optional<std::string_view> value(std::size_t column) const override {
    if (row_[column] == nullptr) {
      return std::nullopt;
    }
    return std::string_view(row_[column], lengths_[column]);
  }

private:
  Session* session_;
  MYSQL* mysql_;
  Result result_;
  std::vector<Column> columns_;
  MYSQL_ROW row_ = nullptr;
  const unsigned long* lengths_ = nullptr;
};

} // namespace

Session::Session(const database::Address& address, Purpose purpose)
    : address_(address), purpose_(purpose), encryption_(encryption_of(address)) {
  connect();
  prepare();
}

Session::~Session() = default;

void Session::prepare() {
  version_text_ = client_library().server_info(handle_->mysql);
  is_mariadb_ = version_text_.find("MariaDB") != std::string::npos;
  std::string_view digits = version_text_;
  if (is_mariadb_ && digits.starts_with("5.5.5-")) {
    digits.remove_prefix(6); // what servers say for the sake of old replicas
  }
  for (int part = 0; part < 3; ++part) {
    unsigned number = 0;
    const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    version_ = version_ * 100 + number;
    digits.remove_prefix(static_cast<std::size_t>(end - digits.data()));
    if (digits.starts_with('.')) {
      digits.remove_prefix(1);
    }
  }
  execute("SET SESSION sql_mode = 'NO_DIR_IN_CREATE,NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES', "
          "time_zone = '+00:00', sql_quote_show_create = 1, wait_timeout = 2147483, "
          "net_read_timeout = 3600, net_write_timeout = 3600, foreign_key_checks = 0, "
          "unique_checks = 0, autocommit = 1");
  if (is_mariadb_) {
    execute("SET SESSION max_statement_time = 0");
    (void)attempt("SET SESSION check_constraint_checks = 0"); // since 10.2
  } else {
    (void)attempt("SET SESSION max_execution_time = 0"); // since 5.7
    (void)attempt("SET SESSION information_schema_stats_expiry = 0");
  }
}

std::string Session::cleaned(std::string message) const {
  const std::string& password = address_.password.reveal();
  for (std::size_t at = 0;
       !password.empty() && (at = message.find(password, at)) != std::string::npos;) {
    message.replace(at, password.size(), "***");
    at += 3;
  }
  return printable(message);
}

unsigned Session::complain() {
  complaint_number_ = client_library().error_number(handle_->mysql);
  complaint_ = cleaned(client_library().error_text(handle_->mysql));
  return complaint_number_;
}

void Session::fail(const std::string& action) {
  if (client_library().error_number(handle_->mysql) != 0) {
    (void)complain();
  }
  const unsigned number = complaint_number_;
  const std::string message = complaint_;
  throw_refusal(number, action.empty() ? message : "cannot " + action + ": " + message,
                [this] { return grants(); });
}

void Session::run(std::string_view sql) {
  if (client_library().real_query(handle_->mysql, sql.data(), sql.size()) != 0) {
    fail();
  }
}

void Session::execute(std::string_view sql) {
  run(sql);
  if (client_library().field_count(handle_->mysql) > 0) {
    const Result unwanted(client_library().store_result(handle_->mysql));
    if (unwanted == nullptr) {
      fail();
    }
  }
}

unsigned Session::attempt(std::string_view sql) {
  if (client_library().real_query(handle_->mysql, sql.data(), sql.size()) != 0) {
    return complain();
  }
  if (client_library().field_count(handle_->mysql) > 0 &&
      Result(client_library().store_result(handle_->mysql)) == nullptr) {
    return complain();
  }
  return 0;
}

Rows Session::query(std::string_view sql) {
  const std::unique_ptr<Stream> found = stream(sql);
  Rows rows;
  while (found->next()) {
    std::vector<Cell> row;
    for (std::size_t i = 0; i < found->columns().size(); ++i) {
      const auto value = found->value(i);
      row.push_back(value ? Cell(std::string(*value)) : std::nullopt);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<std::string> Session::list(std::string_view sql) {
  std::vector<std::string> values;
  for (std::vector<Cell>& row : query(sql)) {
    values.push_back(std::move(row.at(0)).value_or(""));
  }
  return values;
}

std::optional<std::string> Session::value(std::string_view sql) {
  Rows rows = query(sql);
  return rows.empty() ? std::nullopt : std::move(rows.front().at(0));
}

std::unique_ptr<Stream> Session::stream(std::string_view sql) {
  run(sql);
  MYSQL_RES* const result = client_library().use_result(handle_->mysql);
  if (result == nullptr) {
    fail();
  }
  return std::make_unique<ServerStream>(*this, handle_->mysql, result);
}

void Session::start(std::string_view sql) {
  if (client_library().send_query(handle_->mysql, sql.data(), sql.size()) != 0) {
    fail();
  }
  is_busy_ = true;
}

bool Session::is_done(std::chrono::milliseconds wait) {
  pollfd waiting{static_cast<int>(client_library().get_socket(handle_->mysql)), POLLIN, 0};
  const int ready = poll(&waiting, 1, static_cast<int>(wait.count()));
  if (ready < 0 && errno != EINTR) {
    throw_io_error(errno, "wait for the server of", address_.database);
  }
  return ready > 0;
}

unsigned Session::finish() {
  is_busy_ = false;
  if (client_library().read_query_result(handle_->mysql) != 0) {
    return complain();
  }
  if (client_library().field_count(handle_->mysql) > 0) {
    const Result unwanted(client_library().store_result(handle_->mysql));
  }
  return 0;
}

std::uint64_t Session::id() const {
  return client_library().thread_id(handle_->mysql);
}

std::string Session::grantee() {
  if (grantee_.empty()) {
    const std::string name = value("SELECT CURRENT_USER()").value_or("");
    const std::size_t at = name.rfind('@');
    grantee_ = literal(name.substr(0, at)) + "@" +
               literal(at == std::string::npos ? "%" : name.substr(at + 1));
  }
  return grantee_;
}

std::string Session::grants() {
  std::string who = "'" + address_.user + "'";
  if (const unsigned failed = attempt("DO 0"); failed == 0) {
    who = grantee();
  }
  const std::string schema = name_of(address_.database);
  if (purpose_ == Purpose::restore) {
    return "GRANT ALL PRIVILEGES ON " + schema + ".* TO " + who +
           "; GRANT ALL PRIVILEGES ON `savepoint\\_%`.* TO " + who + ";";
  }
  return "GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, EXECUTE ON " + schema + ".* TO " + who + ";";
}

} // namespace savepoint::drivers::mariadb
