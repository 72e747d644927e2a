#include "store/internal/likeness.hpp"

#include "base/error.hpp"

#include <algorithm>

namespace savepoint::store {

void Likeness::look_ahead(std::size_t count) {
  try {
    while (!is_over_ && near_.size() < place_ + count) {
      if (std::optional<Extent> extent = cursor_.next()) {
        near_.push_back(std::move(*extent));
      } else {
        is_over_ = true;
      }
    }
  } catch (const CorruptionError&) {
    is_over_ = true;
  }
}

std::optional<hash::Digest> Likeness::at(std::uint64_t offset) {
  look_ahead(by_ == By::offset ? 1 : k_ahead);
  while (by_ == By::offset && !near_.empty() &&
         near_.front().offset + near_.front().length <= offset) {
    near_.pop_front();
    look_ahead(1);
  }
  return place_ < near_.size() ? near_[place_].chunk : std::nullopt;
}

void Likeness::passed(const hash::Digest& id) {
  if (by_ == By::offset) {
    return;
  }
  const auto same = std::ranges::find(near_, std::optional(id), &Extent::chunk);
  place_ = same != near_.end() ? static_cast<std::size_t>(same - near_.begin()) + 1
                               : std::min(place_ + 1, near_.size());
  for (; place_ > k_behind; --place_) {
    near_.pop_front();
  }
}

} // namespace savepoint::store
