#include "web/gate.hpp"

#include "support/catch.hpp"

#include <set>

using namespace savepoint;
using http::Request;
using web::Gate;

namespace {

constexpr std::uint16_t k_port = 4711;
const std::string k_token(64, 'a');

Request request(const std::string& path, std::map<std::string, std::string> headers) {
  headers.emplace("host", "127.0.0.1:4711");
  return {.method = "GET", .path = path, .query = {}, .headers = std::move(headers), .body = {}};
}

std::map<std::string, std::string> with_token(std::map<std::string, std::string> more = {}) {
  more.emplace("x-savepoint", k_token);
  return more;
}

/// The status of the answer, 0 for who may pass.
int stopped(const Request& one) {
  const auto response = Gate(k_port, k_token).stop(one);
  return response ? response->status : 0;
}

} // namespace

TEST_CASE("the address has the token where browsers send it to nobody") {
  CHECK(Gate(k_port, k_token).address() == "http://127.0.0.1:4711/#" + k_token);
}

TEST_CASE("the files of the page are for everybody of this machine") {
  CHECK(stopped(request("/", {})) == 0);
  CHECK(stopped(request("/page.js", {})) == 0);
}

TEST_CASE("what is below api is for who has the token") {
  CHECK(stopped(request("/api/state", with_token())) == 0);
  CHECK(stopped(request("/api/state", {})) == 403);
  for (const std::string& wrong :
       {std::string(), std::string("1"), std::string(64, 'b'), k_token + "a", k_token.substr(1)}) {
    CAPTURE(wrong);
    CHECK(stopped(request("/api/state", {{"x-savepoint", wrong}})) == 403);
  }
}

TEST_CASE("no cookie and no address lets in") {
  Request one = request("/api/state", {{"cookie", "savepoint-4711=" + k_token}});
  one.query["token"] = k_token;
  CHECK(stopped(one) == 403);
}

TEST_CASE("a name that was made to lead here does not get in") {
  for (const char* const host : {"evil.example:4711", "127.0.0.1", "127.0.0.1:80", "localhost", "",
                                 "127.0.0.1:4711.evil.example", "[::1]:4711"}) {
    CAPTURE(host);
    CHECK(stopped(request("/", with_token({{"host", host}}))) == 421);
  }
  CHECK(stopped(request("/", with_token({{"host", "localhost:4711"}}))) == 0);
}

TEST_CASE("a page of somebody else may not ask") {
  const auto from = [](const std::string& origin) {
    return stopped(request("/api/state", with_token({{"origin", origin}})));
  };
  for (const char* const origin :
       {"http://evil.example", "null", "http://127.0.0.1:80", "https://127.0.0.1:4711",
        "http://127.0.0.1:4711.evil.example"}) {
    CAPTURE(origin);
    CHECK(from(origin) == 403);
  }
  CHECK(from("http://127.0.0.1:4711") == 0);
}

TEST_CASE("nothing of the page itself is posted to") {
  Request post = request("/", with_token());
  post.method = "POST";
  CHECK(stopped(post) == 405);
}

TEST_CASE("every run has a token of its own") {
  std::set<std::string> tokens;
  for (int i = 0; i < 20; ++i) {
    tokens.insert(web::make_token());
  }
  CHECK(tokens.size() == 20);
  CHECK(tokens.begin()->size() == 64);
}
