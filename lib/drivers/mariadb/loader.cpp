#include "drivers/mariadb/internal/loader.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "drivers/mariadb/internal/sql_text.hpp"

#include <algorithm>

namespace savepoint::drivers::mariadb {

namespace {

constexpr std::size_t k_batch = std::size_t{1} << 20U;

/// Where the values of an INSERT begin; npos if it is none.
std::size_t values_at(std::string_view statement) {
  if (!statement.starts_with("INSERT INTO ")) {
    return std::string_view::npos;
  }
  bool in_name = false;
  for (std::size_t i = 0; i < statement.size(); ++i) {
    if (statement[i] == '`') {
      in_name = !in_name;
    } else if (!in_name && statement.substr(i, 8) == "VALUES (") {
      return i + 7;
    }
  }
  return std::string_view::npos;
}

} // namespace

Loader::Loader(Session& session, const std::string& schema, const std::vector<std::string>& only,
               const Cancellation* cancellation)
    : session_(&session), only_(only.begin(), only.end()), cancellation_(cancellation),
      reader_({[this](const Section& section) { begin(section); },
               [this](std::string_view statement) { take(statement); }}) {
  session.execute("USE " + name_of(schema));
  const std::string packet = session.value("SELECT @@max_allowed_packet").value_or("1048576");
  largest_batch_ = std::min<std::size_t>(k_batch, std::stoul(packet) / 2);
}

void Loader::write(ByteView bytes) {
  if (cancellation_ != nullptr) {
    cancellation_->check();
  }
  reader_.write(bytes);
}

void Loader::finish() {
  flush();
  reader_.finish();
}

void Loader::begin(const Section& section) {
  flush();
  section_ = section;
  const bool is_table = section.kind == "TABLE";
  const bool is_sequence = section.kind == "SEQUENCE" || section.kind == "VALUES";
  in_object_ = !is_table && !is_sequence && section.kind != "END";
  is_wanted_ =
      section.kind != "END" && (only_.empty() || (is_table && only_.contains(section.name)) ||
                                (section.kind == "TRIGGER" && only_.contains(section.table)));
  if (in_object_ && is_wanted_) {
    objects_.push_back({section.kind, section.name, section.table, {}, {}});
  }
}

void Loader::take(std::string_view statement) {
  if (!is_wanted_) {
    return;
  }
  if (in_object_) {
    StoredObject& object = objects_.back();
    (object.prologue.empty() ? object.prologue : object.statement) = statement;
    return;
  }
  if (statement.starts_with("INSERT INTO ")) {
    add_row(statement);
    return;
  }
  execute(statement);
}

void Loader::add_row(std::string_view statement) {
  const bool continues = !batch_.empty() && statement.starts_with(prefix_) &&
                         batch_.size() + statement.size() < largest_batch_;
  if (continues) {
    batch_ += ',';
    batch_ += statement.substr(prefix_.size());
    return;
  }
  flush();
  const std::size_t at = values_at(statement);
  if (at == std::string_view::npos) {
    throw CorruptionError("the image of a database has a row without values");
  }
  prefix_ = statement.substr(0, at);
  batch_ = statement;
}

void Loader::flush() {
  if (!batch_.empty()) {
    execute(batch_);
    batch_.clear();
  }
}

void Loader::execute(std::string_view sql) {
  const std::string action = "load the " +
                             std::string(section_.kind == "TABLE" ? "table " : "sequence ") +
                             quoted(section_.name);
  switch (session_->attempt(sql)) {
  case 0:
    return;
  case 1054: // no such column
  case 1064: // not SQL
  case 1136: // too many values
    throw CorruptionError("the image of a database is not what it was: cannot " + action + ": " +
                              session_->complaint(),
                          "try another snapshot; if it was taken from another kind of server, "
                          "restore it to one like that");
  case 1115: // character set
  case 1273: // collation
  case 1286: // engine
    throw NotFoundError("this server cannot " + action + ": " + session_->complaint(),
                        "restore it to a server like the one that it was taken from");
  default:
    session_->fail(action);
  }
}

} // namespace savepoint::drivers::mariadb
