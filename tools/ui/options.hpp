#pragma once

#include "cli/session.hpp"

#include <cstdint>

namespace savepoint::tools {

struct UiOptions {
  std::uint16_t port = 0; ///< 0: a free one.
  bool no_browser = false;
};

[[nodiscard]] UiOptions parse_ui_options(cli::Session& session);

} // namespace savepoint::tools
