#include "manifest/internal/document.hpp"

#include "base/error.hpp"
#include "hash/sha256.hpp"

#include <algorithm>
#include <limits>

namespace savepoint::manifest {
IdMaker::IdMaker(const Manifest& manifest) : created_at_(manifest.created_at) {
  json::Value document = to_json(manifest);
  document.set("id", nullptr);
  digits_ = hash::sha256(as_bytes(json::print(document))).hex();
}

SnapshotId IdMaker::with_digits(std::size_t count) const {
  return SnapshotId::make(created_at_, std::string_view(digits_).substr(0, count));
}

std::uint64_t add_sizes(std::uint64_t a, std::uint64_t b) {
  constexpr auto k_most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  return a > k_most - std::min(b, k_most) ? k_most : a + b;
}

std::uint64_t bytes_of_config(const ConfigComponent& config) {
  std::uint64_t sum = 0;
  for (const ConfigFile& file : config.files) {
    sum = add_sizes(sum, file.stored && !file.in_code ? file.size : 0);
  }
  return sum;
}

} // namespace savepoint::manifest
