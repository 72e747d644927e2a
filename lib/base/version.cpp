#include "base/version.hpp"

namespace savepoint {

std::string_view version() {
  return SAVEPOINT_VERSION;
}

} // namespace savepoint
