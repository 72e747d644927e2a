#pragma once

#include "cli/session.hpp"
#include "web/api.hpp"

#include <cstdint>
#include <span>

namespace savepoint::web {

/// Whether a browser is opened, where there is a desktop to show one.
enum class Browser { open, leave };

struct ServeOptions {
  std::uint16_t port = 0; ///< 0: a free one.
  Browser browser = Browser::open;
};

/// Serves the page of the session's project until the session is cancelled. Says the address first.
/// What is at work then comes to its end before this returns.
[[nodiscard]] ExitCode serve(cli::Session& session, std::span<const Asset> assets,
                             const ServeOptions& options);

} // namespace savepoint::web
