#include "web/gate.hpp"

#include "base/error.hpp"

#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

#include <sys/random.h>

namespace savepoint::web {
namespace {

http::Response refuse(int status, std::string text) {
  return {.status = status, .type = "text/plain; charset=utf-8", .body = std::move(text) + "\n"};
}

/// Compares in the same time wherever the difference is.
bool is_same(std::string_view secret, std::string_view given) {
  if (secret.size() != given.size()) {
    return false;
  }
  unsigned difference = 0;
  for (std::size_t i = 0; i < secret.size(); ++i) {
    difference |= static_cast<unsigned>(secret[i] ^ given[i]);
  }
  return difference == 0;
}

} // namespace

Gate::Gate(std::uint16_t port, std::string token)
    : port_(std::to_string(port)), token_(std::move(token)) {}

std::string Gate::address() const {
  return "http://127.0.0.1:" + port_ + "/#" + token_;
}

bool Gate::is_own_host(const http::Request& request) const {
  const std::string host = request.header("host").value_or("");
  return host == "127.0.0.1:" + port_ || host == "localhost:" + port_;
}

bool Gate::is_own_origin(const http::Request& request) const {
  const std::optional<std::string> origin = request.header("origin");
  return !origin || *origin == "http://127.0.0.1:" + port_ ||
         *origin == "http://localhost:" + port_;
}

bool Gate::has_token(const http::Request& request) const {
  return is_same(token_, request.header("x-savepoint").value_or(""));
}

std::optional<http::Response> Gate::stop(const http::Request& request) const {
  if (!is_own_host(request)) {
    return refuse(421, "this server has another name");
  }
  if (!is_own_origin(request)) {
    return refuse(403, "this page may not ask here");
  }
  if (request.path.starts_with("/api/")) {
    if (!has_token(request)) {
      return refuse(403, "open the address that 'savepoint ui' printed: it lets you in");
    }
  } else if (request.method != "GET") {
    return refuse(405, "there is nothing to change here");
  }
  return std::nullopt;
}

void add_security_headers(http::Response& response) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 7> k_headers{
      {{"Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"},
       {"X-Content-Type-Options", "nosniff"},
       {"X-Frame-Options", "DENY"},
       {"Referrer-Policy", "no-referrer"},
       {"Cross-Origin-Opener-Policy", "same-origin"},
       {"Cross-Origin-Resource-Policy", "same-origin"},
       {"Cache-Control", "no-store"}}};
  for (const auto& [name, value] : k_headers) {
    response.headers.emplace_back(name, value);
  }
}

std::string make_token() {
  std::array<unsigned char, 32> bytes{};
  ssize_t got = 0;
  do {
    got = getrandom(bytes.data(), bytes.size(), 0);
  } while (got < 0 && errno == EINTR);
  if (got != static_cast<ssize_t>(bytes.size())) {
    throw_io_error(errno, "get", "random numbers");
  }
  std::string token;
  for (const unsigned char byte : bytes) {
    constexpr std::string_view k_digits = "0123456789abcdef";
    token += k_digits[byte >> 4U];
    token += k_digits[byte & 15U];
  }
  return token;
}

} // namespace savepoint::web
