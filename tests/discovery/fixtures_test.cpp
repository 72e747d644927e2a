#include "discovery/discovery.hpp"

#include "support/catch.hpp"

#include <filesystem>

using namespace savepoint;
using Lines = std::vector<std::string>;

namespace {

const std::filesystem::path k_fixtures = std::filesystem::path(__FILE__).parent_path() / "fixtures";

/// One line a candidate: + if it is taken, what it is, where it stands, why.
Lines found_in(const std::string& project, const config::Environment& environment = {}) {
  Lines lines;
  for (const discovery::Candidate& candidate :
       discovery::discover(k_fixtures / project, environment).candidates) {
    lines.push_back((candidate.is_taken ? "+ " : "- ") + database::display(candidate.address) +
                    " | " + discovery::source_of(candidate) + " | " + candidate.reason);
  }
  return lines;
}

Lines notes_of(const std::string& project) {
  return discovery::discover(k_fixtures / project, {}).notes;
}

/// The passwords of those that are taken.
Lines passwords_in(const std::string& project, const config::Environment& environment = {}) {
  Lines passwords;
  for (const discovery::Candidate& candidate :
       discovery::discover(k_fixtures / project, environment).candidates) {
    if (candidate.is_taken) {
      passwords.push_back(candidate.address.password.reveal());
    }
  }
  return passwords;
}

} // namespace

TEST_CASE("Prisma and Next.js: the direct URL is taken, the pooled one and the shadow are not") {
  CHECK(
      found_in("prisma-next") ==
      Lines{"+ postgres://shop@localhost:5433/shop | DIRECT_URL in .env:4, named by "
            "prisma/schema.prisma:9 | it is on this machine",
            "- postgres://shop@localhost:5432/shop | DATABASE_URL in .env:3, named by "
            "prisma/schema.prisma:8 | it is reached through a pooler, and directly by another URL",
            "- postgres://shop@localhost:5432/shop_shadow | SHADOW_DATABASE_URL in .env:5, named "
            "by prisma/schema.prisma:10 | it is a shadow database, which tools fill and empty",
            "- redis://localhost:6379/0 | REDIS_URL in .env:6 | there is no driver for redis: "
            "name it in the config with \"dump\" and \"restore\" commands",
            "- postgres://shop@db.abcdefgh.supabase.co:5432/postgres | DATABASE_URL in "
            ".env.production:1 | it is for production"});
  CHECK(notes_of("prisma-next").empty());
  CHECK(passwords_in("prisma-next") == Lines{"canary"});
}

TEST_CASE("Prisma 7: its config names the variable, and the file is found beside the schema") {
  CHECK(found_in("prisma-seven") ==
        Lines{"+ sqlite:prisma/dev.db | DATABASE_URL in .env:1, named by "
              "prisma.config.ts:8 | its file is in the project"});
}

TEST_CASE("Drizzle: settings in parts, by the order in which Vite loads files") {
  CHECK(
      found_in("drizzle") ==
      Lines{
          "+ postgres://notes@127.0.0.1:5544/notes | drizzle.config.ts:14 | it is on this machine",
          "- sqlite:./local.sqlite | drizzle.sqlite.config.ts:4 | its file does not exist"});
}

TEST_CASE("knex: the block of the mode is taken, whatever is in comments is not there") {
  CHECK(found_in("knex") ==
        Lines{"+ postgres://ledger@localhost/ledger_development | knexfile.js:11 | it is on this "
              "machine",
              "- sqlite:./test.sqlite3 | knexfile.js:21 | it is for tests",
              "- postgres://username@localhost/ledger_staging | knexfile.js:27 | it is for another "
              "environment",
              "- postgres://ledger@localhost:5432/ledger | knexfile.js:32 | it is for production"});
}

TEST_CASE("Sequelize: the file that .sequelizerc names, and the variables that it names") {
  CHECK(
      found_in("sequelize") ==
      Lines{
          "+ mariadb://root@127.0.0.1/crm_development | server/config/settings.json:5 | it is on "
          "this machine",
          "- mariadb://crm@mysql.internal.example.com:3306/crm | CRM_DATABASE in .env:1, named by "
          "server/config/settings.json:17 | it is for production",
          "- mariadb://root@127.0.0.1/crm_test | server/config/settings.json:12 | it is for "
          "tests"});
}

TEST_CASE("TypeORM: variables with defaults, and constants in between") {
  CHECK(found_in("typeorm") ==
        Lines{"+ mariadb://booking@localhost:3307/booking | DB_DATABASE in .env:1, named by "
              "src/data-source.ts:9 | it is on this machine"});
  CHECK(passwords_in("typeorm") == Lines{"canary#1"});
}

TEST_CASE(
    "Django: conditional settings follow the environment, comments and docstrings do not count") {
  CHECK(found_in("django") ==
        Lines{"+ sqlite:db.sqlite3 | clinic/settings.py:26 | its file is in the project",
              "+ postgres://reports@localhost:5432/reports | clinic/settings.py:30 | it is on this "
              "machine"});
  CHECK(passwords_in("django").back() == "canary#2");

  const Lines with_url = found_in("django", {{"DATABASE_URL", "postgres://c@localhost/clinic"}});
  CHECK(with_url.front() == "+ postgres://c@localhost/clinic | DATABASE_URL in the environment, "
                            "named by clinic/settings.py:21 | it is on this machine");
}

TEST_CASE(
    "Django with a folder of settings: the one in effect, and its neighbours for what they are") {
  CHECK(found_in("django-split") ==
        Lines{"+ postgres:///survey | config/settings/base.py:4 | it is on this machine",
              "- postgres://survey@10.0.0.8/survey | config/settings/production.py:5 | it is for "
              "production",
              "- postgres://survey@localhost/survey_ci | config/settings/test.py:3 | it is for "
              "tests"});
}

TEST_CASE(
    "a monorepo: packages of every workspace, with the .env of the root, and no vendored code") {
  CHECK(
      found_in("monorepo") ==
      Lines{"+ postgres://acme@localhost:5432/acme | DATABASE_URL in .env:1, named by "
            "packages/db/schema/main.prisma:3 | it is on this machine",
            "+ mariadb://auth@localhost/auth | AUTH_DATABASE_URL in apps/web/.env.local:1 | it is "
            "on this machine",
            "+ postgres://seed@localhost:5432/seed | SEED_DB_URL in tools/seed/.env:1 | it is on "
            "this machine"});
}

TEST_CASE("Rails: several databases an environment, anchors, ERB with variables and defaults") {
  CHECK(
      found_in("rails") ==
      Lines{"+ postgres://librarian@localhost/library_development | config/database.yml:14 | it is "
            "on this machine",
            "+ postgres://librarian@localhost/library_development_cache | config/database.yml:17 | "
            "it is on this machine",
            "+ sqlite:storage/queue.sqlite3 | config/database.yml:21 | its file is in the project",
            "- postgres://librarian@localhost/library_production | config/database.yml:30 | it is "
            "for production",
            "- postgres://librarian@localhost/library_production_cache | config/database.yml:34 | "
            "it is for production"});
  CHECK(passwords_in("rails").front() == "canary");
}

TEST_CASE("Laravel: the parts in its .env, and the tests' own") {
  CHECK(
      found_in("laravel") ==
      Lines{
          "+ mariadb://forum@127.0.0.1:3306/forum | DB_DATABASE in .env:8 | it is on this machine",
          "- mariadb://forum@127.0.0.1/forum_tests | DB_DATABASE in .env.testing:3 | it is for "
          "tests"});
  CHECK(passwords_in("laravel") == Lines{"ca#nary \"quoted\""});
}

TEST_CASE("Alembic: the URL of alembic.ini, its escapes undone, or what env.py puts in its place") {
  CHECK(found_in("alembic") ==
        Lines{"+ postgres://meters@localhost:5432/meters | alembic.ini:6 | it "
              "is on this machine"});
  CHECK(passwords_in("alembic") == Lines{"c@nary"});
  CHECK(found_in("alembic-placeholder") ==
        Lines{"+ postgres://app@localhost/weather | DATABASE_URL in .env:2, named by "
              "migrations/env.py:5 | it is on this machine"});
  CHECK(passwords_in("alembic-placeholder") == Lines{"canary"});
}

TEST_CASE("Flyway: each environment of flyway.toml") {
  CHECK(found_in("flyway") ==
        Lines{"+ postgres://billing@localhost:5432/billing | flyway.toml:2 | it is on this machine",
              "- postgres://billing@billing.example.com:5432/billing | flyway.toml:7 | it is for "
              "production"});
  CHECK(passwords_in("flyway") == Lines{"canary"});
}

TEST_CASE("Spring and Liquibase: placeholders, profiles, and databases in memory") {
  CHECK(
      found_in("spring") ==
      Lines{
          "+ mariadb://orders@localhost:3306/orders | src/main/resources/application.yml:5 | it is "
          "on this machine",
          "+ mariadb://stock@127.0.0.1:3306/stock | src/main/resources/liquibase.properties:2 | it "
          "is on this machine",
          "- h2://sa@/ | src/main/resources/application-test.properties:1 | there is no driver for "
          "h2: name it in the config with \"dump\" and \"restore\" commands",
          "- mariadb://orders@localhost:3306/orders_of_customers | "
          "src/main/resources/application.yml:14 | it is for production"});
}

TEST_CASE("Supabase: its local server, at the port of its config") {
  CHECK(found_in("supabase") == Lines{"+ postgres://postgres@127.0.0.1:55432/postgres | "
                                      "supabase/config.toml:9 | it is on this machine"});
}

TEST_CASE("docker compose: names of services become where they are published") {
  CHECK(
      found_in("compose") ==
      Lines{
          "+ postgres://parcels@127.0.0.1:5433/parcels | DATABASE_URL in .env:2 | service 'db' of "
          "compose.yaml publishes it at port 5433",
          "- mariadb://root@archive/archive | ARCHIVE_URL in .env:3 | service 'archive' of "
          "compose.yaml publishes no port: publish one, or name it in the config with \"dump\" and "
          "\"restore\" commands",
          "- postgres://events@events-db/events | EVENTS_URL in .env:4 | its host 'events-db' is "
          "no "
          "service of a compose file here: name it in the config",
          "- postgres://postgres@127.0.0.1:5499/parcels_test | compose.yaml:29 | it is for tests",
          "- redis://cache:6379/1 | CACHE_URL in compose.yaml:12 | there is no driver for redis: "
          "name it in the config with \"dump\" and \"restore\" commands",
          "- postgres://postgres@127.0.0.1:5432/parcels | docker-compose.prod.yml:2 | it is for "
          "production"});
  CHECK(found_in("compose", {{"DB_PORT", "6000"}}).front().find("127.0.0.1:6000/parcels") !=
        std::string::npos);
}

TEST_CASE("inside of a development container, names of services are hosts") {
  CHECK(found_in("compose", {{"REMOTE_CONTAINERS", "true"}}).front() ==
        "+ postgres://parcels@db/parcels | DATABASE_URL in .env:2 | it is beside this container");
}

TEST_CASE("goose, makefiles and Atlas: what Go projects write") {
  CHECK(found_in("goose") ==
        Lines{"+ postgres://tickets@localhost/tickets | GOOSE_DBSTRING in .env:2 | it is on this "
              "machine",
              "+ postgres://atlas@localhost:5432/atlas | atlas.hcl:3 | it is on this machine",
              "+ mariadb://root@127.0.0.1:3306/queue | Makefile:2 | it is on this machine"});
}

TEST_CASE("a project that speaks of no database has none, whatever its texts say") {
  CHECK(found_in("plain").empty());
  CHECK(notes_of("plain").empty());
}

TEST_CASE("no password is in anything that is said of a project") {
  for (const auto& project : std::filesystem::directory_iterator(k_fixtures)) {
    const std::string name = project.path().filename();
    CAPTURE(name);
    for (const Lines& lines : {found_in(name), notes_of(name)}) {
      for (const std::string& line : lines) {
        CHECK_THAT(line, !Catch::Matchers::Contains("nary"));
      }
    }
  }
}
