#include "fuzz/promise.hpp"
#include "fuzz/targets.hpp"
#include "hash/checksum.hpp"
#include "store/internal/summary_bytes.hpp"

#include <span>

namespace savepoint::fuzz {

void fuzz_summary(ByteView bytes) {
  unless_refused([&] { static_cast<void>(store::decode_summary(bytes)); });
  const std::uint64_t checksum = hash::checksum64(bytes);
  const ByteView end = std::as_bytes(std::span(&checksum, 1));
  Bytes checked(bytes.begin(), bytes.end());
  checked.insert(checked.end(), end.begin(), end.end());
  unless_refused([&] {
    const manifest::Summary summary = store::decode_summary(checked);
    static_cast<void>(store::decode_summary(store::encode_summary(summary)));
  });
}

} // namespace savepoint::fuzz
