#include "web/gate.hpp"

#include "base/error.hpp"

#include <algorithm>
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
  return "http://127.0.0.1:" + port_ + "/?token=" + token_;
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

bool Gate::has_cookie(const http::Request& request) const {
  const std::string cookies = request.header("cookie").value_or("");
  const std::string name = "savepoint-" + port_ + "=";
  std::string_view rest = cookies;
  while (!rest.empty()) {
    const std::string_view one = rest.substr(0, rest.find(';'));
    if (one.starts_with(name) && is_same(token_, one.substr(name.size()))) {
      return true;
    }
    rest.remove_prefix(one.size());
    rest.remove_prefix(std::min(rest.find_first_not_of("; "), rest.size()));
  }
  return false;
}

std::optional<http::Response> Gate::stop(const http::Request& request) const {
  if (!is_own_host(request)) {
    return refuse(421, "this server has another name");
  }
  if (!is_own_origin(request)) {
    return refuse(403, "this page may not ask here");
  }
  const auto given = request.query.find("token");
  if (request.method == "GET" && request.path == "/" && given != request.query.end()) {
    if (!is_same(token_, given->second)) {
      return refuse(403, "this address is not of this run: open the one that 'savepoint ui' said");
    }
    // Not a redirect: browsers send a strict cookie only along with what this site itself starts.
    return http::Response{
        .status = 200,
        .type = "text/html; charset=utf-8",
        .body = "<!doctype html><meta http-equiv=\"refresh\" content=\"0;url=/\"><title>savepoint"
                "</title><link rel=\"icon\" href=\"data:,\">\n",
        .headers = {{"Set-Cookie",
                     "savepoint-" + port_ + "=" + token_ + "; Path=/; HttpOnly; SameSite=Strict"}}};
  }
  if (!has_cookie(request)) {
    return refuse(403, "open the address that 'savepoint ui' said: it lets you in");
  }
  if (request.path.starts_with("/api/")) {
    if (!request.header("x-savepoint")) {
      return refuse(403, "only the page may ask here");
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
