#pragma once

#if __has_include(<libpq-fe.h>)
#include <libpq-fe.h>
#else // where Debian has it
#include <postgresql/libpq-fe.h>
#endif

namespace savepoint::drivers::postgres {

/// What we use of libpq. It is not linked but loaded when first needed: most runs of savepoint have
/// nothing to ask a server, and loading it would cost each of them several milliseconds.
struct Libpq {
  decltype(&PQconnectStartParams) connect_start = nullptr;
  decltype(&PQconnectPoll) connect_poll = nullptr;
  decltype(&PQsocket) socket = nullptr;
  decltype(&PQfinish) finish = nullptr;
  decltype(&PQstatus) status = nullptr;
  decltype(&PQerrorMessage) error_message = nullptr;
  decltype(&PQconnectionNeedsPassword) needs_password = nullptr;
  decltype(&PQconnectionUsedPassword) used_password = nullptr;
  decltype(&PQserverVersion) server_version = nullptr;
  decltype(&PQbackendPID) backend_pid = nullptr;
  decltype(&PQexec) exec = nullptr;
  decltype(&PQexecParams) exec_params = nullptr;
  decltype(&PQresultStatus) result_status = nullptr;
  decltype(&PQresultErrorField) result_error_field = nullptr;
  decltype(&PQclear) clear = nullptr;
  decltype(&PQntuples) tuples = nullptr;
  decltype(&PQgetvalue) value = nullptr;
  decltype(&PQgetlength) length = nullptr;
  decltype(&PQgetisnull) is_null = nullptr;
  decltype(&PQgetResult) get_result = nullptr;
  decltype(&PQputCopyData) put_copy_data = nullptr;
  decltype(&PQputCopyEnd) put_copy_end = nullptr;
  decltype(&PQgetCopyData) get_copy_data = nullptr;
  decltype(&PQfreemem) free_memory = nullptr;
  decltype(&PQsetNoticeProcessor) set_notice_processor = nullptr;
};

/// Loads the library the first time. Throws NotFoundError if there is none.
[[nodiscard]] const Libpq& libpq();

/// `PQconnectStartParams` that takes neither a service nor a password from the environment of the
/// process, where libpq would look by itself: they may be for another server.
[[nodiscard]] PGconn* start_connection(const char* const* names, const char* const* values);

} // namespace savepoint::drivers::postgres
