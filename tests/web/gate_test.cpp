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

std::map<std::string, std::string> with_cookie(std::map<std::string, std::string> more = {}) {
  more.emplace("cookie", "other=1; savepoint-4711=" + k_token);
  return more;
}

/// The status of the answer, 0 for who may pass.
int stopped(const Request& one) {
  const auto response = Gate(k_port, k_token).stop(one);
  return response ? response->status : 0;
}

} // namespace

TEST_CASE("who shows the token gets a cookie that no script and no other site has") {
  Request first = request("/", {});
  first.query["token"] = k_token;

  const auto answer = Gate(k_port, k_token).stop(first);

  REQUIRE(answer);
  CHECK(answer->status == 200);
  CHECK(answer->headers.at(0).second ==
        "savepoint-4711=" + k_token + "; Path=/; HttpOnly; SameSite=Strict");
  CHECK(answer->body.find(k_token) == std::string::npos);
}

TEST_CASE("the page is for who has the cookie") {
  CHECK(stopped(request("/", with_cookie())) == 0);
  CHECK(stopped(request("/", {})) == 403);
  CHECK(stopped(request("/", {{"cookie", "savepoint-4711=" + std::string(64, 'b')}})) == 403);
  CHECK(stopped(request("/", {{"cookie", "savepoint-4711="}})) == 403);
  CHECK(stopped(request("/", {{"cookie", "savepoint-4712=" + k_token}})) == 403);
}

TEST_CASE("a token of another run opens nothing") {
  Request first = request("/", {});
  first.query["token"] = std::string(64, 'b');
  CHECK(stopped(first) == 403);
}

TEST_CASE("what is below api is only for the page itself") {
  CHECK(stopped(request("/api/state", with_cookie({{"x-savepoint", "1"}}))) == 0);
  CHECK(stopped(request("/api/state", with_cookie())) == 403);
  CHECK(stopped(request("/api/state", {{"x-savepoint", "1"}})) == 403);
}

TEST_CASE("a name that was made to lead here does not get in") {
  for (const char* const host : {"evil.example:4711", "127.0.0.1", "127.0.0.1:80", "localhost", "",
                                 "127.0.0.1:4711.evil.example", "[::1]:4711"}) {
    CAPTURE(host);
    CHECK(stopped(request("/", with_cookie({{"host", host}}))) == 421);
  }
  CHECK(stopped(request("/", with_cookie({{"host", "localhost:4711"}}))) == 0);
}

TEST_CASE("a page of somebody else may not ask") {
  for (const char* const origin :
       {"http://evil.example", "null", "http://127.0.0.1:80", "https://127.0.0.1:4711",
        "http://127.0.0.1:4711.evil.example"}) {
    CAPTURE(origin);
    CHECK(stopped(request("/api/state", with_cookie({{"x-savepoint", "1"}, {"origin", origin}}))) ==
          403);
  }
  CHECK(stopped(request("/api/state", with_cookie({{"x-savepoint", "1"},
                                                   {"origin", "http://127.0.0.1:4711"}}))) == 0);
}

TEST_CASE("nothing of the page itself is posted to") {
  Request post = request("/", with_cookie());
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
