#include "workbench.hpp"

#include "support/catch.hpp"

#include <filesystem>

using namespace savepoint;
using namespace savepoint::drivers::postgres;

namespace {

std::string capture_complaint(Workbench& bench) {
  const std::string complaint = complaint_of([&] { (void)bench.capture(); });
  CHECK(std::filesystem::is_empty(bench.scratch()));
  return complaint;
}

} // namespace

TEST_CASE("an address cannot have a library loaded that it calls a key") {
  Workbench bench;
  bench.target().address.parameters["sslkey"] = "/proc/self/cwd/evil.so:1";

  for (const bool is_own : {false, true}) {
    bench.target().address.is_own = is_own;
    CHECK_THAT(capture_complaint(bench), Catch::StartsWith("refused:") &&
                                             Catch::Contains("sslkey=") &&
                                             Catch::Contains("DATABASE_URL in .env:1"));
    CHECK_THROWS_AS(bench.fingerprint(), RefusedError);
    CHECK_THROWS_AS(bench.driver().presence(bench.target()), RefusedError);
  }
}

TEST_CASE("only the user may name what leads to passwords for other servers") {
  Workbench bench;
  const std::string passwords = bench.directory() / "passwords";
  const std::vector<std::pair<std::string, std::string>> leads{
      {"passfile", passwords}, {"service", "shop"}, {"krbsrvname", "HTTP"}};
  for (const auto& [keyword, value] : leads) {
    CAPTURE(keyword);
    bench.target().address.parameters = {{keyword, value}};

    CHECK_THAT(capture_complaint(bench), Catch::StartsWith("refused:") &&
                                             Catch::Contains(keyword + "=") &&
                                             Catch::Contains("DATABASE_URL in .env:1") &&
                                             Catch::Contains("nothing was asked"));
  }

  bench.server().sql("postgres", "DROP ROLE IF EXISTS filed; CREATE ROLE filed LOGIN CREATEDB");
  bench.server().require_password("filed", "in-a-file");
  bench.target() = bench.server().target("shop", "filed");
  test::write_file(passwords, "*:*:shop:filed:in-a-file\n");
  std::filesystem::permissions(passwords, std::filesystem::perms(0600));
  bench.target().address.parameters = {{"passfile", passwords}};
  bench.target().address.is_own = true;
  CHECK_NOTHROW(bench.driver().server_version(bench.target()));
}

TEST_CASE("a database whose name looks like an address is just called so") {
  Workbench bench("CREATE TABLE elsewhere(i int)");
  const std::string name = "dbname=shop host='/nowhere'";
  bench.server().drop_database(name);
  bench.server().create_database(name);
  bench.target() = bench.server().target(name);

  CHECK(bench.capture().component.tables.empty());

  test::write_file(bench.directory() / "client", "#!/bin/sh\nexport PGHOST='" +
                                                     bench.server().socket().string() +
                                                     "'\nexec \"$@\"\n");
  std::filesystem::permissions(bench.directory() / "client", std::filesystem::perms(0755));
  bench.target().settings.client = {bench.directory() / "client"};
  CHECK(bench.capture().component.tables.empty());
  bench.server().drop_database(name);
}

TEST_CASE("the client programs are given the password for one server, database and user") {
  Workbench bench;
  bench.target().address.password = database::Secret("a:b\\c");
  const std::string seen = bench.directory() / "seen";
  bench.fake("pg_dump", "99",
             "sed \"s/.*passfile='//; s/'.*//\" >'" + seen +
                 ".name' <<END\n$*\nEND\ncat \"$(cat '" + seen + ".name')\" >'" + seen +
                 "'; env >>'" + seen + "'; exit 1");

  CHECK_THAT(capture_complaint(bench), Catch::StartsWith("database:"));

  const std::string socket = bench.server().socket();
  CHECK_THAT(test::read_file(seen),
             Catch::StartsWith(socket + ":*:shop:app:a\\:b\\\\c\nlocalhost:*:shop:app:") &&
                 !Catch::Contains("PGHOST") && !Catch::Contains("PGPASS"));
}
