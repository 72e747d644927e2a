#pragma once

#include "store/chunks.hpp"

#include <atomic>
#include <optional>
#include <string>
#include <vector>

namespace savepoint::restore {

/// Reads trees for a restore that gives what can be given: a directory that is damaged counts as
/// empty, and the fact is remembered. For trees only: never to be used for the bytes of files.
class TolerantSource final : public store::ChunkSource {
public:
  /// `below` must outlive it.
  explicit TolerantSource(const store::ChunkSource& below) : below_(&below) {}

  [[nodiscard]] Bytes get(const hash::Digest& id) const override;
  [[nodiscard]] bool found_damage() const { return found_damage_; }

private:
  const store::ChunkSource* below_;
  mutable std::atomic<bool> found_damage_ = false;
};

/// The directories of a tree that cannot be read; "" for its root.
[[nodiscard]] std::vector<std::string>
unreadable_directories(const store::ChunkSource& source, const std::optional<hash::Digest>& root);

} // namespace savepoint::restore
