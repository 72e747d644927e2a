#include "fuzz/promise.hpp"
#include "fuzz/targets.hpp"
#include "fuzz/targets/index_promises.hpp"
#include "git/internal/index_format.hpp"

namespace savepoint::fuzz {

void fuzz_git_listing(ByteView bytes) {
  unless_refused(
      [&] { promise_index(git::parse_listing(Bytes(bytes.begin(), bytes.end()), "listing")); });
}

} // namespace savepoint::fuzz
