#include "ui/options.hpp"

#include "base/error.hpp"
#include "cli/parser.hpp"

#include <limits>
#include <optional>

namespace savepoint::tools {

UiOptions parse_ui_options(cli::Session& session) {
  UiOptions options;
  std::optional<std::uint64_t> port;
  cli::Parser parser(
      session.common,
      {.command = "savepoint ui",
       .summary = "Shows the snapshots in a browser: what is in them, what changed, and the way "
                  "back.\nServes a page to this machine alone, until it is ended with Ctrl-C.",
       .usage = "[--port N] [--no-browser]",
       .exit_codes = {ExitCode::done, ExitCode::failed, ExitCode::usage, ExitCode::refused,
                      ExitCode::not_found, ExitCode::busy, ExitCode::corrupt},
       .example = "savepoint ui --port 7411 --no-browser"});
  parser.number("--port", "N", port, "the port on 127.0.0.1 (default: a free one)");
  parser.flag("--no-browser", options.no_browser, "only say the address, open nothing");
  parser.parse(session.arguments);
  session.terminal.set_options(session.common);
  if (port && (*port == 0 || *port > std::numeric_limits<std::uint16_t>::max())) {
    throw UsageError("cannot use " + std::to_string(*port) + " as --port",
                     "ports are numbers from 1 to 65535");
  }
  options.port = static_cast<std::uint16_t>(port.value_or(0));
  return options;
}

} // namespace savepoint::tools
