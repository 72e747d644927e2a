#include "workbench.hpp"

#include "support/catch.hpp"

#include <filesystem>

using namespace savepoint;
using namespace savepoint::drivers::postgres;
using savepoint::test::PostgresServer;
using savepoint::test::write_file;

namespace {

constexpr const char* k_shop = R"(
CREATE TABLE items(id serial PRIMARY KEY, name text);
INSERT INTO items(name) SELECT repeat('item ', 100) || i FROM generate_series(1, 3000) i;
)";

std::string capture_complaint(Workbench& bench) {
  const std::string complaint = complaint_of([&] { (void)bench.capture(); });
  CHECK(std::filesystem::is_empty(bench.scratch()));
  return complaint;
}

} // namespace

TEST_CASE("a wrong password is an error that does not tell it") {
  Workbench bench(k_shop);
  bench.server().sql("postgres", "DROP ROLE IF EXISTS locked; CREATE ROLE locked LOGIN CREATEDB");
  bench.server().require_password("locked", "right-canary");
  bench.target() = bench.server().target("shop", "locked");

  CHECK_THAT(capture_complaint(bench), Catch::StartsWith("database:") &&
                                           Catch::Contains("give the password in DATABASE_URL"));

  bench.target().address.password = database::Secret("wrong-canary");
  const std::string complaint = capture_complaint(bench);
  CHECK_THAT(complaint, Catch::StartsWith("database:") &&
                            Catch::Contains("check user and password in DATABASE_URL"));
  CHECK_THAT(complaint, !Catch::Contains("canary"));
}

TEST_CASE("a password reaches the client programs and leaves no trace") {
  Workbench bench(k_shop);
  bench.server().sql("postgres", "DROP ROLE IF EXISTS keeper; CREATE ROLE keeper LOGIN CREATEDB; "
                                 "GRANT app TO keeper");
  const std::string password = "ca:na\\ry'\" ö";
  bench.server().require_password("keeper", "ca:na\\ry''\" ö");
  bench.target() = bench.server().target("shop", "keeper");
  bench.target().address.password = database::Secret(password);

  const Image image = bench.capture();
  bench.sql("DELETE FROM items");
  bench.restore(image);

  CHECK(bench.server().sql("shop", "SELECT count(*) FROM items") == "3000\n");
  CHECK(std::filesystem::is_empty(bench.scratch()));
  CHECK(json::print(image.component.details).find("ca:na") == std::string::npos);
}

TEST_CASE("a server that does not run is an error") {
  Workbench bench(k_shop);
  bench.target().address.host = bench.directory().path();

  CHECK_THAT(capture_complaint(bench),
             Catch::StartsWith("database:") && Catch::Contains("check that the server runs"));
  CHECK(bench.fingerprint() == "none");
}

TEST_CASE("a database that is not there is an error") {
  Workbench bench;
  bench.target().address.database = "nowhere";

  CHECK_THAT(capture_complaint(bench),
             Catch::StartsWith("database:") && Catch::Contains("nowhere"));
}

TEST_CASE("client programs that are missing are named with their package") {
  Workbench bench(k_shop);
  const Image image = bench.capture();
  bench.use_versions(bench.directory() / "nothing");
  const std::string major =
      std::to_string(image.component.details.at("server_version").as_integer());

  CHECK_THAT(capture_complaint(bench),
             Catch::StartsWith("not_found:") &&
                 Catch::Contains("apt install postgresql-client-" + major));
  CHECK_THAT(complaint_of([&] { (void)bench.stage(image, bench.options()); }),
             Catch::StartsWith("not_found:") && Catch::Contains("postgresql-client-"));
  CHECK(bench.server().databases() == "shop\n");
}

TEST_CASE("client programs that are older than the server are not used") {
  Workbench bench(k_shop);
  bench.fake("pg_dump", "11", "exit 0");

  CHECK_THAT(capture_complaint(bench),
             Catch::StartsWith("not_found:") && Catch::Contains("the newest one here is 11"));
}

TEST_CASE("a dump that fails, or ends too early, is never a success") {
  Workbench bench(k_shop);
  const std::string dump = real_program("pg_dump") + " \"$@\"";
  struct Fault {
    const char* what;
    std::string work;
    const char* complaint;
  };
  const std::vector<Fault> faults{
      {"nothing and exit 0", "exit 0", "without the end"},
      {"cut in the head and exit 0", dump + " | head -c 500", "without the end"},
      {"cut in the rows and exit 0", dump + " | head -c 400000", "without the end"},
      {"the last bytes missing and exit 0", dump + " | head -c -1", "without the end"},
      {"all of it and exit 1", dump + "; echo 'pg_dump: error: boom' >&2; exit 1", "boom"},
      {"killed half-way", dump + " | head -c 400000; kill -9 $$", "ended by signal 9"},
      {"other words", "echo 'Password: '", "damaged"},
  };
  for (const Fault& fault : faults) {
    CAPTURE(fault.what);
    bench.fake("pg_dump", "99", fault.work);
    CHECK_THAT(capture_complaint(bench), Catch::Contains(fault.complaint));
  }
}

TEST_CASE("a server that is stopped in the middle of a dump is an error") {
  PostgresServer& server = PostgresServer::shared();
  Workbench bench("CREATE TABLE items(t text); INSERT INTO items SELECT repeat(md5(i::text), 300) "
                  "FROM generate_series(1, 3000) i");
  const Cancellation cancellation;
  const auto capture = bench.driver().open_capture(bench.target(), bench.scratch(),
                                                   std::chrono::seconds(5), cancellation);
  Bytes piece(10'000);
  REQUIRE(capture->read(piece) > 0);
  server.stop(PostgresServer::Stop::immediate);

  const std::string complaint = complaint_of([&] { (void)read_all(*capture); });

  server.start();
  CHECK_THAT(complaint, Catch::StartsWith("database:") && Catch::Contains("pg_dump failed"));
}

TEST_CASE("a restore that the server refuses leaves the old database as it was") {
  Workbench bench(k_shop);
  const Image image = bench.capture();
  const std::string before = bench.dump();
  bench.fake(
      "pg_restore", "99",
      "cat >/dev/null; echo 'pg_restore: error: could not write: No space left on device' >&2; "
      "exit 1");

  CHECK_THAT(complaint_of([&] { (void)bench.stage(image, bench.options()); }),
             Catch::StartsWith("busy:") && Catch::Contains("No space left"));

  bench.fake("pg_restore", "99", "exit 0"); // and whoever says it is done, and it is not
  CHECK_THAT(complaint_of([&] { (void)bench.stage(image, bench.options()); }),
             Catch::StartsWith("corrupt:"));
  CHECK(bench.dump() == before);
  CHECK(bench.server().databases() == "shop\n");
}

TEST_CASE("a large restore that the server refuses half-way leaves the old database as it was") {
  Workbench bench(k_large_shop);
  const Image image = bench.capture();
  bench.sql("DELETE FROM parts");
  const std::string before = bench.dump();
  // The references are checked after all rows are there, by one connection of several.
  bench.fake("pg_restore", bench.major(),
             "for archive; do :; done; sed -i s/'REFERENCES public.items(id)'/"
             "'REFERENCES public.itemz(id)'/ \"$archive\"; exec " +
                 real_program("pg_restore") + " \"$@\"");

  CHECK_THAT(complaint_of([&] { (void)bench.stage(image, bench.options()); }),
             Catch::StartsWith("database:") && Catch::Contains("public.itemz"));

  CHECK(bench.dump() == before);
  CHECK(bench.server().databases() == "shop\n");
  CHECK(std::filesystem::is_empty(bench.scratch()));
}

TEST_CASE("programs that run elsewhere are started by what the config says") {
  Workbench bench(k_shop);
  write_file(bench.directory() / "client",
             "#!/bin/sh\nexport PGHOST='" + bench.server().socket().string() + "'\nexec \"$@\"\n");
  std::filesystem::permissions(bench.directory() / "client", std::filesystem::perms(0755));
  bench.use_versions(bench.directory() / "nothing");
  bench.target().settings.client = {bench.directory() / "client"};
  const std::string before = bench.dump();

  const Image image = bench.capture();
  bench.sql("DELETE FROM items");
  bench.restore(image);

  CHECK(bench.dump() == before);
}
