#pragma once

#include "store/content.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace savepoint::store {

/// What somebody wants to do with a store; store.json may ask for a feature for each.
enum class Operation { read, write, prune };

/// The content of store.json (docs/formats/store.md).
struct StoreHeader {
  std::string id; ///< 32 hex digits, random.
  CuttingRules cutting;
  std::vector<std::string> read_features;
  std::vector<std::string> write_features;
  std::vector<std::string> prune_features;
  /// Where a feature is unknown: whether the checksum is right. If not, it may be no feature at
  /// all.
  bool is_as_written = true;

  [[nodiscard]] bool has_known_features() const;
  /// Whether frames may have bases.
  [[nodiscard]] bool has_deltas() const;
  /// Throws NotFoundError if the store wants a feature for `operation` that is unknown here.
  void require(Operation operation) const;
};

/// A header for a new store: random id and seed.
[[nodiscard]] StoreHeader make_header();
[[nodiscard]] std::string print_header(const StoreHeader& header);
/// Throws CorruptionError, or NotFoundError if the store is of a newer version. `what` names it.
[[nodiscard]] StoreHeader parse_header(std::string_view text, std::string_view what);

/// `bytes` random bytes in hex, from the operating system.
[[nodiscard]] std::string random_hex(std::size_t bytes);

} // namespace savepoint::store
