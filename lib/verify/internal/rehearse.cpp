#include "verify/internal/rehearse.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "drivers/all.hpp"
#include "store/content.hpp"

#include <algorithm>

namespace savepoint::verify {
namespace {

constexpr std::size_t k_zeros = std::size_t{64} << 10U;

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
  const Bytes zeros(k_zeros);
  try {
    const auto rehearsal = drivers::find(database.driver)
                               .open_rehearsal(target_of(database, servers), database,
                                               {.scratch = store.scratch_directory(),
                                                .cancellation = context.cancellation});
    store::read_content(
        store, database.image, [&](std::uint64_t, ByteView bytes, std::uint64_t hole) {
          context.cancellation->check();
          if (!bytes.empty()) {
            rehearsal->write(bytes);
          }
          for (std::uint64_t left = hole; left > 0;) {
            const auto length = std::min<std::uint64_t>(left, k_zeros);
            rehearsal->write(ByteView(zeros).first(static_cast<std::size_t>(length)));
            left -= length;
          }
          context.progress->advance(0, bytes.size() + hole);
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
