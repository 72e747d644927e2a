#include "drivers/mariadb/internal/client_library.hpp"

#include "base/error.hpp"

#include <dlfcn.h>

namespace savepoint::drivers::mariadb {

namespace {

template <typename Function> void find(void* library, const char* name, Function& function) {
  void* const symbol = dlsym(library, name);
  if (symbol == nullptr) {
    throw NotFoundError(std::string("the library libmariadb.so.3 has no function '") + name + "'",
                        "install a newer libmariadb3");
  }
  function = reinterpret_cast<Function>(symbol);
}

ClientLibrary load() {
  void* const library = dlopen("libmariadb.so.3", RTLD_NOW | RTLD_LOCAL); // never unloaded
  if (library == nullptr) {
    throw NotFoundError("MariaDB and MySQL databases need the library libmariadb.so.3, which is "
                        "not installed",
                        "install it: apt-get install libmariadb3");
  }
  ClientLibrary functions{};
  find(library, "mysql_init", functions.init);
  find(library, "mysql_options", functions.options);
  find(library, "mysql_real_connect", functions.real_connect);
  find(library, "mysql_close", functions.close);
  find(library, "mysql_real_query", functions.real_query);
  find(library, "mysql_send_query", functions.send_query);
  find(library, "mysql_read_query_result", functions.read_query_result);
  find(library, "mysql_get_socket", functions.get_socket);
  find(library, "mysql_store_result", functions.store_result);
  find(library, "mysql_use_result", functions.use_result);
  find(library, "mysql_fetch_row", functions.fetch_row);
  find(library, "mysql_fetch_lengths", functions.fetch_lengths);
  find(library, "mysql_fetch_fields", functions.fetch_fields);
  find(library, "mysql_num_fields", functions.num_fields);
  find(library, "mysql_field_count", functions.field_count);
  find(library, "mysql_free_result", functions.free_result);
  find(library, "mysql_errno", functions.error_number);
  find(library, "mysql_error", functions.error_text);
  find(library, "mysql_thread_id", functions.thread_id);
  find(library, "mysql_get_server_info", functions.server_info);
  find(library, "mysql_get_ssl_cipher", functions.cipher);
  find(library, "mariadb_get_infov", functions.get_info);
  return functions;
}

} // namespace

const ClientLibrary& client_library() {
  static const ClientLibrary functions = load();
  return functions;
}

} // namespace savepoint::drivers::mariadb
