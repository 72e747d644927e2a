#pragma once

#include "base/error.hpp"

#include <atomic>

namespace savepoint {

/// A wish to stop, which long work looks at between its steps. May be set from a signal handler.
class Cancellation {
public:
  void request() noexcept { requested_.store(true, std::memory_order_relaxed); }
  [[nodiscard]] bool requested() const noexcept {
    return requested_.load(std::memory_order_relaxed);
  }
  /// Throws Cancelled once stopping has been requested.
  void check() const {
    if (requested()) {
      throw Cancelled();
    }
  }

private:
  std::atomic<bool> requested_{false};
};

} // namespace savepoint
