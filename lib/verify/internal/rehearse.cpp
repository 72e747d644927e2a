#include "verify/internal/rehearse.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "drivers/all.hpp"
#include "store/read_ahead.hpp"

namespace savepoint::verify {
namespace {

/// Throws NotFoundError where a server is needed and none is known.
database::Target target_of(const manifest::DatabaseComponent& database,
                           const std::map<std::string, database::Target>& servers) {
  const auto server = servers.find(database.name);
  if (server == servers.end()) {
    if (drivers::find(database.driver).capabilities().is_server) {
      throw NotFoundError("not rehearsed: nothing says on which server; give --database " +
                          printable(database.name) + "=URL");
    }
    return {.name = database.name, .driver = database.driver};
  }
  if (server->second.driver != database.driver) {
    throw NotFoundError("not rehearsed: it is a database of " + database.driver +
                        ", and the server one of " + server->second.driver);
  }
  return server->second;
}

} // namespace

std::string rehearse(const store::Store& store, const manifest::DatabaseComponent& database,
                     const std::map<std::string, database::Target>& servers,
                     const project::Context& context) {
  try {
    const auto rehearsal = drivers::find(database.driver)
                               .open_rehearsal(target_of(database, servers), database,
                                               {.scratch = store.scratch_directory(),
                                                .cancellation = context.cancellation});
    store::read_ahead(store, database.image, [&](ByteView bytes) {
      context.cancellation->check();
      rehearsal->write(bytes);
      context.progress->advance(0, bytes.size());
    });
    rehearsal->check(database);
    if (const std::vector<std::string> left_out = rehearsal->left_out(); !left_out.empty()) {
      return "this server cannot take all of it: " + left_out.front();
    }
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

} // namespace savepoint::verify
