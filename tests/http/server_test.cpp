#include "http/server.hpp"

#include "base/error.hpp"

#include "support/catch.hpp"

#include <array>
#include <stdexcept>
#include <string>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace savepoint;
using http::Request;
using http::Response;

namespace {

/// A server at work as long as this lives.
class Running {
public:
  explicit Running(http::Handler handler)
      : server_(0, std::move(handler)), thread_([this] { server_.run(stop_); }) {}
  ~Running() { stop_.request(); }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  /// Sends what is given to the port and returns all that comes back.
  [[nodiscard]] std::string say(const std::string& text) const {
    const int line = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(server_.port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(connect(line, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
    REQUIRE(send(line, text.data(), text.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(text.size()));
    std::string answer;
    std::array<char, 4096> piece{};
    for (ssize_t got = 1; got > 0;) {
      got = recv(line, piece.data(), piece.size(), 0);
      answer.append(piece.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
    }
    close(line);
    return answer;
  }
  [[nodiscard]] std::uint16_t port() const { return server_.port(); }

private:
  Cancellation stop_;
  http::Server server_;
  std::jthread thread_;
};

constexpr const char* k_end = "Host: x\r\nConnection: close\r\n\r\n";

} // namespace

TEST_CASE("a request is handed over as it was sent, and the answer comes back") {
  const Running server([](const Request& request) {
    return Response{.status = 201,
                    .type = "text/plain",
                    .body = request.method + " " + request.path + " " + request.query.at("name") +
                            " " + request.header("x-word").value_or("-") + " " + request.body,
                    .headers = {{"X-More", "here"}}};
  });

  const std::string answer =
      server.say("POST /some%20where?name=%FF%2F%2B HTTP/1.1\r\nX-Word: hello\r\nContent-Type: "
                 "application/json\r\nContent-Length: 4\r\n" +
                 std::string(k_end) + "body");

  CHECK(answer.starts_with("HTTP/1.1 201"));
  CHECK(answer.find("X-More: here\r\n") != std::string::npos);
  CHECK(answer.ends_with("POST /some where \xFF/+ hello body"));
}

TEST_CASE("a handler that throws says nothing of why") {
  const Running server([](const Request&) -> Response { throw std::runtime_error("secret"); });

  const std::string answer = server.say("GET / HTTP/1.1\r\n" + std::string(k_end));

  CHECK(answer.starts_with("HTTP/1.1 500"));
  CHECK(answer.find("secret") == std::string::npos);
}

TEST_CASE("a body that is larger than anything of ours is refused") {
  const Running server([](const Request&) { return Response{}; });

  const std::string answer =
      server.say("POST / HTTP/1.1\r\nContent-Length: 99999999\r\n" + std::string(k_end));

  CHECK(answer.starts_with("HTTP/1.1 413"));
}

TEST_CASE("a port that is taken is an error") {
  const Running server([](const Request&) { return Response{}; });

  CHECK_THROWS_AS(http::Server(server.port(), [](const Request&) { return Response{}; }), IoError);
}
