#include "database/protection.hpp"

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

#include <filesystem>
#include <sstream>
#include <vector>

using namespace savepoint;
using database::Address;
using database::agent_in;
using database::classify;
using database::looks_like_production;
using database::parse_url;
using database::Place;
using database::place_of;
using database::Protection;

namespace {

const std::filesystem::path k_page =
    std::filesystem::path(__FILE__).parent_path() / "../../docs/guards.md";

std::string word_for(Place place) {
  switch (place) {
  case Place::socket:
    return "socket";
  case Place::loopback:
    return "loopback";
  case Place::container:
    return "container";
  case Place::local_net:
    return "local_net";
  case Place::remote:
    return "remote";
  }
  return {};
}

/// The cells of a row of a table, without blanks and backticks around them.
std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream row(line.substr(1));
  for (std::string cell; std::getline(row, cell, '|');) {
    const std::size_t first = cell.find_first_not_of(" `");
    cells.push_back(first == std::string::npos
                        ? std::string()
                        : cell.substr(first, cell.find_last_not_of(" `") - first + 1));
  }
  return cells;
}

} // namespace

TEST_CASE("every URL in the table of docs/guards.md is classified as the page says") {
  std::istringstream page(test::read_file(k_page));
  int urls = 0;

  for (std::string line; std::getline(page, line);) {
    const std::vector<std::string> cells =
        line.starts_with("| `") ? cells_of(line) : std::vector<std::string>();
    if (cells.size() != 4) {
      continue;
    }
    CAPTURE(line);
    const Address address = parse_url(cells[0]);
    const Protection protection = classify(address, {});
    CHECK(word_for(place_of(address)) == cells[1]);
    CHECK((protection.is_protected ? "yes" : "no") == cells[2]);
    CHECK(protection.reason == cells[3]);
    ++urls;
  }

  CHECK(urls >= 15);
}

TEST_CASE("hosts are placed whatever their form") {
  const auto place = [](std::string host) {
    Address address;
    address.driver = "postgres";
    address.host = std::move(host);
    return word_for(place_of(address));
  };

  CHECK(place("LOCALHOST.") == "loopback");
  CHECK(place("127.255.255.254") == "loopback");
  CHECK(place("0.0.0.0") == "loopback");
  CHECK(place("db.localhost") == "loopback");
  CHECK(place("0.0.0.1") == "remote");
  CHECK(place("10.255.0.1") == "local_net");
  CHECK(place("169.254.1.1") == "local_net");
  CHECK(place("172.31.255.255") == "local_net");
  CHECK(place("::ffff:8.8.8.8") == "remote");
  CHECK(place("::ffff:7f00:1") == "remote");
  CHECK(place("febf::1") == "local_net");
  CHECK(place("fec0::1") == "remote");
  CHECK(place("my_db-1") == "container");
  CHECK(place("0x7f000001") == "remote");
  CHECK(place("127.1") == "remote");
  CHECK(place("10.0.0.1.example.com") == "remote");
  CHECK(place("localhost.example.com") == "remote");
  CHECK(place("db.railway.internal") == "remote");
  CHECK(place("a:1,localhost") == "remote");
  CHECK(place("localhost,db.example.com") == "remote");
}

TEST_CASE("a word that says production is found between anything but letters") {
  for (const char* const text :
       {"prod", "shop_prod", "prod-db", "PROD", "prod1", "1prod", "shop.production", "my live db",
        "prd", "shopProd", "ShopProduction", "a/production.sqlite3", "non-prod"}) {
    CAPTURE(text);
    CHECK(looks_like_production(text));
  }
  for (const char* const text :
       {"", "products", "reproduction", "alive", "olive", "deliver", "preprod", "shopprod", "prods",
        "PRODUCTS", "livestock", "prod\xC3\xA9"}) {
    CAPTURE(text);
    CHECK_FALSE(looks_like_production(text));
  }
}

TEST_CASE("an environment that says production protects every database") {
  const Address address = parse_url("postgres://localhost/shop");

  for (const char* const variable :
       {"RAILS_ENV", "NODE_ENV", "APP_ENV", "DJANGO_ENV", "FLASK_ENV"}) {
    CAPTURE(variable);
    CHECK(classify(address, {{variable, "production"}}).reason ==
          std::string(variable) + " is production");
    CHECK_FALSE(classify(address, {{variable, "development"}}).is_protected);
  }
  CHECK(classify(address, {{"DJANGO_SETTINGS_MODULE", "shop.settings.prod"}}).is_protected);
  CHECK(classify(address, {{"SPRING_PROFILES_ACTIVE", "metrics,prod"}}).is_protected);
  CHECK_FALSE(classify(address, {{"HOSTNAME", "prod"}}).is_protected);
}

TEST_CASE("what libpq takes from the environment counts like what an address says") {
  const Address here = parse_url("postgres:///shop");

  CHECK(classify(here, {{"PGHOST", "db.example.com"}}).is_protected);
  CHECK(classify(parse_url("postgres://localhost/shop"), {{"PGHOSTADDR", "93.184.216.34"}})
            .is_protected);
  CHECK(classify(parse_url("postgres://db.example.com/shop"), {{"PGHOSTADDR", "127.0.0.1"}})
            .is_protected); // a tunnel, maybe
  CHECK(
      classify(parse_url("postgres://localhost/shop?hostaddr="), {{"PGHOSTADDR", "93.184.216.34"}})
          .is_protected);
  CHECK(classify(parse_url("host=localhost hostaddr=93.184.216.34 dbname=shop"), {}).is_protected);
  CHECK(classify(parse_url("postgres://localhost"), {{"PGDATABASE", "shop_prod"}}).reason ==
        "its name looks like production");
  CHECK(classify(parse_url("postgres://localhost/shop"), {{"PGUSER", "prod_admin"}}).reason ==
        "its user looks like production");
  CHECK(classify(parse_url("postgres://prod@localhost"), {}).reason ==
        "its name looks like production and its user looks like production");
  CHECK_FALSE(classify(parse_url("postgres://me@localhost/shop"),
                       {{"PGUSER", "prod"}, {"PGDATABASE", "prod"}})
                  .is_protected);
  CHECK_FALSE(classify(here, {{"PGHOST", "/run/postgresql"}}).is_protected);
  CHECK_FALSE(
      classify(parse_url("mysql://localhost/shop"), {{"PGHOST", "db.example.com"}}).is_protected);
}

TEST_CASE("a service file of libpq can lead anywhere, so what asks it is protected") {
  const Address here = parse_url("postgres:///shop");

  CHECK(classify(here, {{"PGSERVICE", "shop"}}).is_protected);
  CHECK_FALSE(classify(parse_url("postgres://127.0.0.1/shop"), {{"PGSERVICE", "shop"}})
                  .is_protected); // it is not asked
  CHECK(classify(parse_url("postgres://127.0.0.1/shop?service=shop"), {}).is_protected);
  CHECK(classify(parse_url("postgres:///shop?service=shop"), {}).is_protected);
  CHECK(classify(parse_url("service=shop"), {}).reason ==
        "a service file of PostgreSQL says where it is");
  CHECK_FALSE(classify(here, {{"PGSERVICE", ""}, {"PGSERVICEFILE", "/x"}}).is_protected);
  CHECK_FALSE(classify(parse_url("mysql://localhost/shop"), {{"PGSERVICE", "shop"}}).is_protected);
}

TEST_CASE("the reasons never have a password in them") {
  const Address address = parse_url("postgres://app:canary@db.example.com/shop?sslpassword=canary");

  CHECK_THAT(classify(address, {{"NODE_ENV", "production canary"}}).reason,
             !Catch::Matchers::Contains("canary"));
}

TEST_CASE("agents are known by the variables they set") {
  for (const char* const variable :
       {"CLAUDECODE", "CODEX_SANDBOX", "CODEX_THREAD_ID", "GEMINI_CLI", "QWEN_CODE", "CURSOR_AGENT",
        "COPILOT_CLI", "OPENCODE", "CLINE_ACTIVE", "CRUSH", "AUGMENT_AGENT", "ANTIGRAVITY_AGENT",
        "AI_AGENT", "AGENT"}) {
    CAPTURE(variable);
    CHECK(agent_in({{variable, "1"}}));
    CHECK_FALSE(agent_in({{variable, ""}}));
    CHECK_FALSE(agent_in({{variable, "0"}}));
    CHECK_FALSE(agent_in({{variable, "false"}}));
  }
  CHECK(agent_in({{"CLAUDECODE", "1"}}) == "Claude Code");
  CHECK(agent_in({{"REPLIT_SESSION", "agent-12"}}) == "Replit Agent");
  CHECK(agent_in({{"AGENT", "amp"}}) == "amp");
  CHECK(agent_in({{"AI_AGENT", "a\nb"}}) == "a\\nb");
}

TEST_CASE("a person is no agent") {
  CHECK_FALSE(agent_in({}));
  CHECK_FALSE(agent_in({{"CODEX_HOME", "/home/u/.codex"},
                        {"REPLIT_SESSION", "u-1"},
                        {"SSH_AGENT_PID", "7"},
                        {"TERM_PROGRAM", "vscode"}}));
}
