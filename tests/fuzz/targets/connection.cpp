#include "database/address.hpp"
#include "fuzz/promise.hpp"
#include "fuzz/targets.hpp"

namespace savepoint::fuzz {

void fuzz_connection(ByteView bytes) {
  unless_refused([&] {
    const database::Address address = database::parse_url(as_text(bytes));
    database::Address without = address;
    without.password = database::Secret();
    promise(database::display(address) == database::display(without),
            "nothing of a password is shown");
  });
}

} // namespace savepoint::fuzz
