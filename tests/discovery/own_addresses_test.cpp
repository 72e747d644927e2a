#include "discovery/discovery.hpp"

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace savepoint;
using test::TemporaryDirectory;
using test::write_file;

namespace {

/// Whether the one database that is taken is at an address of the user's own.
bool is_own(const TemporaryDirectory& project, const config::Environment& environment) {
  const discovery::Findings findings = discovery::discover(project.path(), environment);
  REQUIRE_FALSE(findings.candidates.empty());
  REQUIRE(findings.candidates[0].is_taken);
  return findings.candidates[0].address.is_own;
}

} // namespace

TEST_CASE("an address is the user's own only if all of it stands in the environment") {
  const TemporaryDirectory project;
  const config::Environment whole{{"DATABASE_URL", "postgres://localhost/shop"}};

  CHECK(is_own(project, whole));

  write_file(project / "prisma/schema.prisma",
             "datasource db {\n  provider = \"postgresql\"\n  url = env(\"DATABASE_URL\")\n}\n");
  CHECK(is_own(project, whole));

  write_file(project / ".env", "DATABASE_URL=postgres://localhost/shop\n");
  CHECK_FALSE(is_own(project, {}));

  write_file(project / ".env", "DATABASE_URL=postgres://localhost/${NAME}\n");
  CHECK_FALSE(is_own(project, {{"NAME", "shop"}}));
}

TEST_CASE("an address that a compose file gives another host is not the user's own") {
  const TemporaryDirectory project;
  write_file(project / "compose.yaml",
             "services:\n  db:\n    image: postgres:16\n    ports: [\"10.1.2.3:6543:5432\"]\n");

  CHECK_FALSE(is_own(project, {{"DATABASE_URL", "postgres://db/shop"}}));
}

TEST_CASE(
    "a file that says the host of a database of the environment does not make it the user's") {
  const TemporaryDirectory project;
  write_file(project / "config/database.yml",
             "development:\n  adapter: postgresql\n  host: db.internal\n"
             "  database: <%= ENV[\"PGDATABASE\"] %>\n");
  write_file(project / "Gemfile", "gem 'rails'\n");

  CHECK_FALSE(is_own(project, {{"PGDATABASE", "shop"}}));
}
