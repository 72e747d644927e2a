#include "web/serve.hpp"

#include "cli/place.hpp"
#include "web/browser.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace savepoint::web {
namespace {

CommandPlace place_of(cli::Session& session) {
  CommandPlace place{.environment = session.environment,
                     .directory = std::filesystem::absolute(session.common.directory),
                     .store = std::nullopt};
  if (const auto store = session.context().store) {
    place.store = store->string();
  }
  return place;
}

void say(cli::Session& session, const Gate& gate, std::uint16_t port) {
  json::Value document = cli::Session::new_document();
  document.set("url", gate.address());
  document.set("port", std::uint64_t{port});
  session.terminal.document(document);
  session.terminal.id(gate.address());
  session.terminal.say("savepoint is at " + gate.address() + "\nCtrl-C ends it\n");
  session.terminal.flush();
}

} // namespace

ExitCode serve(cli::Session& session, std::span<const Asset> assets, const ServeOptions& options) {
  // What is wrong with the project or its store is said here, before a page is opened for it.
  static_cast<void>(cli::open_place_if_any(session));
  const CommandPlace place = place_of(session);
  const Asked asked{session.common, session.environment, &session.cancellation()};
  Reads reads(asked);
  Comparisons comparisons(asked);
  Jobs jobs(place);
  std::optional<Gate> gate;
  std::optional<Api> api;
  std::optional<Launch> launch;
  http::Server server(options.port, [&](const http::Request& request) {
    if (launch && gate->has_token(request)) {
      launch->remove_file();
    }
    return api->answer(request);
  });
  gate.emplace(server.port(), make_token());
  api.emplace(*gate, assets, reads, comparisons, jobs, place);
  say(session, *gate, server.port());
  if (options.browser == Browser::open && !session.common.json && !session.common.quiet) {
    launch.emplace(gate->address(), session.environment);
  }
  server.run(session.cancellation());
  if (!jobs.running().is_null()) {
    session.terminal.err("savepoint: waiting for what is at work to come to its end\n");
  }
  return ExitCode::done;
}

} // namespace savepoint::web
