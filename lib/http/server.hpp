#pragma once

#include "base/cancellation.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace savepoint::http {

/// What somebody asks for.
struct Request {
  std::string method; ///< "GET", "POST" …
  std::string path;   ///< Decoded, without the query.
  std::map<std::string, std::string> query;
  std::map<std::string, std::string> headers; ///< By name in lower case; of several, the first.
  std::string body;

  /// The value of a header, named in lower case.
  [[nodiscard]] std::optional<std::string> header(const std::string& name) const;
};

struct Response {
  int status = 200;
  std::string type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers = {};
};

/// Called from several threads at once. What it throws becomes status 500 without a word.
using Handler = std::function<Response(const Request&)>;

/// An HTTP server for programs of this machine: nobody else reaches 127.0.0.1. It takes GET and
/// POST, bodies of at most 1 MiB, and knows nothing of what it serves.
class Server {
public:
  /// Takes `port`, or a free one if it is 0, and serves nothing yet. Throws IoError if it cannot.
  Server(std::uint16_t port, Handler handler);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  /// Serves until `cancellation` is requested, and returns when all that was asked is answered.
  void run(const Cancellation& cancellation);

private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace savepoint::http
