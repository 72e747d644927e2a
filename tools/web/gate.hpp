#pragma once

#include "http/server.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace savepoint::web {

/// Who may come in. Other programs of this machine reach the port as well, and so does every page
/// that a browser shows; only who has the token is let in.
///
///   Host     is this server by its own name: a foreign name that leads here is sent away.
///   Origin   where a browser tells one, is this server.
///   Token    is in a header of everything below /api/. No browser sends it by itself, as it does
///            cookies, and those to servers on other ports, too.
///
/// The page's own files hold nothing of the project, and are for everybody.
class Gate {
public:
  /// `token` is a secret of this run.
  Gate(std::uint16_t port, std::string token);

  /// The answer to who is not let in; nothing for who may pass.
  [[nodiscard]] std::optional<http::Response> stop(const http::Request& request) const;

  /// Whether a request shows the token.
  [[nodiscard]] bool has_token(const http::Request& request) const;

  /// The address that opens the page. It has the token behind the #: browsers send that part to
  /// nobody.
  [[nodiscard]] std::string address() const;

private:
  [[nodiscard]] bool is_own_host(const http::Request& request) const;
  [[nodiscard]] bool is_own_origin(const http::Request& request) const;

  std::string port_;
  std::string token_;
};

/// Says to browsers what a page may do and what they may keep; every answer gets it.
void add_security_headers(http::Response& response);

/// 256 bits from the system, in hex digits. Throws IoError if it has none.
[[nodiscard]] std::string make_token();

} // namespace savepoint::web
