#pragma once

#include "base/cancellation.hpp"
#include "cli/common.hpp"
#include "cli/place.hpp"
#include "cli/session.hpp"
#include "config/config.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

namespace savepoint::web {

/// Whose project the page shows.
struct Asked {
  cli::Common common;
  config::Environment environment;
  const Cancellation* cancellation = nullptr; ///< Must outlive all that is given it.
};

/// One look at the project, as a command takes it.
class Look {
public:
  explicit Look(const Asked& asked) : session_({}, asked.environment, *asked.cancellation) {
    session_.common = asked.common;
    session_.common.json = true;
    session_.common.quiet = true;
    session_.terminal.set_options(session_.common);
  }
  [[nodiscard]] cli::Session& session() { return session_; }
  [[nodiscard]] std::optional<cli::Place> place_if_any() {
    return cli::open_place_if_any(session_, store::Access::shared, cli::IfInterrupted::leave);
  }
  [[nodiscard]] cli::Place place() {
    return cli::open_place(session_, store::Access::shared, cli::IfInterrupted::leave);
  }

private:
  cli::Session session_;
};

/// A part of a long list.
struct Page {
  std::size_t offset = 0;
  std::size_t limit = 0;
};

/// The part of a list that a page shows.
template <typename Items> auto part_of(const Items& items, const Page& page) {
  const std::size_t begin = std::min(page.offset, items.size());
  const std::size_t end = begin + std::min(page.limit, items.size() - begin);
  return std::pair(items.begin() + static_cast<std::ptrdiff_t>(begin),
                   items.begin() + static_cast<std::ptrdiff_t>(end));
}

} // namespace savepoint::web
