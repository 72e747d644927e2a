#include "http/server.hpp"

#include "base/ascii.hpp"
#include "base/error.hpp"

#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>

#include <httplib.h>
#include <sys/socket.h>

namespace savepoint::http {
namespace {

constexpr std::chrono::milliseconds k_tick(100);
constexpr std::size_t k_largest_body = std::size_t{1} << 20U;
/// A page asks for several things at once, and a comparison may take long.
constexpr std::size_t k_threads = 12;
/// A connection at rest keeps a thread.
constexpr int k_rest_in_seconds = 2;

Request request_of(const httplib::Request& from) {
  Request request{
      .method = from.method, .path = from.path, .query = {}, .headers = {}, .body = from.body};
  for (const auto& [name, value] : from.params) {
    request.query.emplace(name, value);
  }
  for (const auto& [name, value] : from.headers) {
    request.headers.emplace(lower(name), value);
  }
  return request;
}

} // namespace

std::optional<std::string> Request::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::nullopt : std::optional(found->second);
}

struct Server::State {
  httplib::Server server;
  Handler handler;
  std::uint16_t port = 0;

  void answer(const httplib::Request& request, httplib::Response& response) const {
    const Response answer = handler(request_of(request));
    response.status = answer.status;
    for (const auto& [name, value] : answer.headers) {
      response.set_header(name.c_str(), value);
    }
    if (answer.body.empty()) {
      return;
    }
    // Not set_content: it would compress for the way to the same machine, and that takes longer.
    response.set_content_provider(
        answer.body.size(), answer.type.c_str(),
        [body = answer.body](std::size_t from, std::size_t length, httplib::DataSink& sink) {
          return sink.write(body.data() + from, length);
        });
  }
};

Server::Server(std::uint16_t port, Handler handler) : state_(std::make_unique<State>()) {
  State& state = *state_;
  state.handler = std::move(handler);
  state.server.new_task_queue = [] { return new httplib::ThreadPool(k_threads); };
  state.server.set_payload_max_length(k_largest_body);
  state.server.set_keep_alive_timeout(k_rest_in_seconds);
  state.server.set_tcp_nodelay(true); // else the end of an answer waits for 40 ms
  // Without SO_REUSEPORT, with which another program could answer in our place.
  state.server.set_socket_options([](socket_t socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  });
  const auto answer = [&state](const httplib::Request& request, httplib::Response& response) {
    state.answer(request, response);
  };
  state.server.Get(".*", answer);
  state.server.Post(".*", answer);
  state.server.set_exception_handler([](const httplib::Request&, httplib::Response& response,
                                        const auto&) { response.status = 500; });
  const int bound = port == 0 ? state.server.bind_to_any_port("127.0.0.1")
                    : state.server.bind_to_port("127.0.0.1", port) ? port
                                                                   : -1;
  if (bound <= 0) {
    throw IoError("cannot serve on port " + std::to_string(port) + " of 127.0.0.1", EADDRINUSE,
                  "another program has it; take another with --port, or a free one without it");
  }
  state.port = static_cast<std::uint16_t>(bound);
}

Server::~Server() = default;

std::uint16_t Server::port() const {
  return state_->port;
}

void Server::run(const Cancellation& cancellation) {
  std::jthread watcher([&](const std::stop_token& done) {
    while (!done.stop_requested()) {
      std::this_thread::sleep_for(k_tick);
      if (cancellation.requested()) {
        state_->server.stop(); // does nothing as long as it has not begun
      }
    }
  });
  state_->server.listen_after_bind();
}

} // namespace savepoint::http
