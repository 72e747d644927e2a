#include "hash/checksum.hpp"

#include <xxhash.h>

namespace savepoint::hash {

std::uint64_t checksum64(ByteView bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

} // namespace savepoint::hash
