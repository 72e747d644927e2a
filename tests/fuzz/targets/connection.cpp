#include "database/address.hpp"
#include "fuzz/promise.hpp"
#include "fuzz/targets.hpp"

namespace savepoint::fuzz {

void fuzz_connection(ByteView bytes) {
  unless_refused([&] {
    const database::Address address = database::parse_url(as_text(bytes));
    const std::string shown = database::display(address);
    const std::string& password = address.password.reveal();
    // Long enough that it is not in there for another reason.
    if (password.size() >= 12 && address.user.find(password) == std::string::npos &&
        address.host.find(password) == std::string::npos &&
        address.database.find(password) == std::string::npos) {
      promise(shown.find(password) == std::string::npos, "a password is never shown");
    }
  });
}

} // namespace savepoint::fuzz
