#include "drivers/postgres/internal/libpq.hpp"

#include "base/error.hpp"

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <dlfcn.h>
#include <unistd.h>

namespace savepoint::drivers::postgres {

namespace {

constexpr const char* k_library = "libpq.so.5";

template <typename Function> void load(void* library, Function& function, const char* name) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  if (function == nullptr) {
    throw NotFoundError("the library " + std::string(k_library) + " is too old: it has no " + name,
                        "install the package libpq5 of PostgreSQL 12 or later");
  }
}

Libpq load_all() {
  void* library = dlopen(k_library, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    throw NotFoundError("cannot ask PostgreSQL: the library " + std::string(k_library) +
                            " is not installed",
                        "install the package libpq5 (Debian: apt install libpq5)");
  }
  Libpq pq;
  load(library, pq.connect_start, "PQconnectStartParams");
  load(library, pq.connect_poll, "PQconnectPoll");
  load(library, pq.socket, "PQsocket");
  load(library, pq.finish, "PQfinish");
  load(library, pq.status, "PQstatus");
  load(library, pq.error_message, "PQerrorMessage");
  load(library, pq.needs_password, "PQconnectionNeedsPassword");
  load(library, pq.used_password, "PQconnectionUsedPassword");
  load(library, pq.server_version, "PQserverVersion");
  load(library, pq.backend_pid, "PQbackendPID");
  load(library, pq.exec, "PQexec");
  load(library, pq.exec_params, "PQexecParams");
  load(library, pq.result_status, "PQresultStatus");
  load(library, pq.result_error_field, "PQresultErrorField");
  load(library, pq.clear, "PQclear");
  load(library, pq.tuples, "PQntuples");
  load(library, pq.value, "PQgetvalue");
  load(library, pq.length, "PQgetlength");
  load(library, pq.is_null, "PQgetisnull");
  load(library, pq.get_result, "PQgetResult");
  load(library, pq.put_copy_data, "PQputCopyData");
  load(library, pq.put_copy_end, "PQputCopyEnd");
  load(library, pq.get_copy_data, "PQgetCopyData");
  load(library, pq.free_memory, "PQfreemem");
  load(library, pq.set_notice_processor, "PQsetNoticeProcessor");
  return pq;
}

/// Variables that are not there for libpq as long as this lives. They are renamed where they stand:
/// others may look into the environment meanwhile, which must not move.
class HiddenVariables {
public:
  HiddenVariables() : lock_(mutex()) {
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
      const std::string_view text = *entry;
      if (text.starts_with("PGPASSWORD=") || text.starts_with("PGSERVICE=")) {
        **entry = '_';
        hidden_.push_back(*entry);
      }
    }
  }
  ~HiddenVariables() {
    for (char* const entry : hidden_) {
      *entry = 'P';
    }
  }
  HiddenVariables(const HiddenVariables&) = delete;
  HiddenVariables& operator=(const HiddenVariables&) = delete;

private:
  static std::mutex& mutex() {
    static std::mutex one_at_a_time;
    return one_at_a_time;
  }

  std::lock_guard<std::mutex> lock_;
  std::vector<char*> hidden_;
};

} // namespace

const Libpq& libpq() {
  static const Libpq pq = load_all();
  return pq;
}

PGconn* start_connection(const char* const* names, const char* const* values) {
  const HiddenVariables hidden;
  return libpq().connect_start(names, values, 0);
}

} // namespace savepoint::drivers::postgres
