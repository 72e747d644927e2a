#pragma once

#include <mariadb/mysql.h>

namespace savepoint::drivers::mariadb {

/// The functions of libmariadb that we use. It is loaded on first use: linking it would cost every
/// start of the program some milliseconds.
struct ClientLibrary {
  decltype(&mysql_init) init;
  decltype(&mysql_options) options;
  decltype(&mysql_real_connect) real_connect;
  decltype(&mysql_close) close;
  decltype(&mysql_real_query) real_query;
  decltype(&mysql_send_query) send_query;
  decltype(&mysql_read_query_result) read_query_result;
  decltype(&mysql_get_socket) get_socket;
  decltype(&mysql_store_result) store_result;
  decltype(&mysql_use_result) use_result;
  decltype(&mysql_fetch_row) fetch_row;
  decltype(&mysql_fetch_lengths) fetch_lengths;
  decltype(&mysql_fetch_fields) fetch_fields;
  decltype(&mysql_num_fields) num_fields;
  decltype(&mysql_field_count) field_count;
  decltype(&mysql_free_result) free_result;
  decltype(&mysql_errno) error_number;
  decltype(&mysql_error) error_text;
  decltype(&mysql_thread_id) thread_id;
  decltype(&mysql_get_server_info) server_info;
  decltype(&mysql_get_ssl_cipher) cipher;
  decltype(&mariadb_get_infov) get_info;
};

/// Throws NotFoundError if the library is not installed.
[[nodiscard]] const ClientLibrary& client_library();

} // namespace savepoint::drivers::mariadb
