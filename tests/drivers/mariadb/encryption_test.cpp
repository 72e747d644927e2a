#include "drivers/mariadb/internal/encryption.hpp"
#include "drivers/mariadb/internal/session.hpp"

#include "support/catch.hpp"
#include "support/mariadb_server.hpp"
#include "support/temporary_directory.hpp"

#include <cstdlib>
#include <string>
#include <vector>

using savepoint::DatabaseError;
using savepoint::RefusedError;
using savepoint::database::Address;
using savepoint::database::parse_url;
using savepoint::drivers::mariadb::Encryption;
using savepoint::drivers::mariadb::encryption_of;
using savepoint::drivers::mariadb::Purpose;
using savepoint::drivers::mariadb::Session;
using savepoint::test::MariadbServer;
using savepoint::test::TemporaryDirectory;

namespace {

enum class Wants { nothing, encrypted, verified };

Wants wants(const std::string& parameters) {
  const Encryption found = encryption_of(parse_url("mysql://a:b@h/shop?" + parameters));
  return found.is_verified   ? Wants::verified
         : found.is_required ? Wants::encrypted
                             : Wants::nothing;
}

Address at(const MariadbServer& server, const std::string& parameters) {
  Address address = parse_url("mysql://safe:canary@localhost/shop?" + parameters);
  address.host = server.socket().string();
  return address;
}

/// Of the connection that was made: the cipher, empty for none.
std::string cipher(const Address& address) {
  Session session(address, Purpose::look);
  return session.query("SHOW SESSION STATUS LIKE 'Ssl_cipher'").at(0).at(1).value_or("");
}

constexpr const char* k_users = "CREATE DATABASE shop; GRANT ALL ON shop.* TO safe@localhost "
                                "IDENTIFIED BY 'canary'";

} // namespace

TEST_CASE("encryption is asked for in the words of many clients") {
  for (const char* no : {"", "charset=utf8mb4", "ssl-mode=DISABLED", "sslmode=prefer", "ssl=false",
                         "useSSL=false&requireSSL=false", "tls=false", "tls=preferred",
                         "sslaccept=accept_invalid_certs", "verifyServerCertificate=false"}) {
    CAPTURE(no);
    CHECK(wants(no) == Wants::nothing);
  }
  for (const char* encrypted :
       {"ssl-mode=REQUIRED", "ssl_mode=required", "sslMode=trust", "sslmode=require", "ssl=true",
        "ssl=1", "useSSL=true", "requireSSL=true", "tls=skip-verify", "ssl-ca=/ca.pem",
        "ssl=%7B%22rejectUnauthorized%22:%20false%7D"}) {
    CAPTURE(encrypted);
    CHECK(wants(encrypted) == Wants::encrypted);
  }
  for (const char* verified :
       {"ssl-mode=VERIFY_CA", "ssl_mode=verify_identity", "sslMode=verify-full", "sslaccept=strict",
        "ssl={\"rejectUnauthorized\":true}", "ssl={}", "useSSL=true&verifyServerCertificate=true",
        "tls=true", "ssl-mode=REQUIRED&sslaccept=strict"}) {
    CAPTURE(verified);
    CHECK(wants(verified) == Wants::verified);
  }
  for (const char* unknown : {"ssl=Amazon+RDS", "tls=canary", "ssl-mode=canary",
                              "ssl={\"ca\":\"canary\"}", "sslmode=REQUIRED&ssl=canary"}) {
    CAPTURE(unknown);
    CHECK_THROWS_AS(wants(unknown), RefusedError);
    CHECK_THROWS_WITH(wants(unknown),
                      !Catch::Contains("canary") && Catch::Contains("no connection"));
  }
}

TEST_CASE("where encryption is asked for and the server has none, nothing secret is sent") {
  MariadbServer server({"--userstat=ON"});
  server.sql(k_users);

  for (const char* parameters : {"ssl-mode=REQUIRED", "ssl=true", "sslaccept=strict",
                                 "ssl={\"rejectUnauthorized\":true}", "requireSSL=true"}) {
    CAPTURE(parameters);
    CHECK_THROWS(cipher(at(server, parameters)));
  }
  CHECK_THROWS_AS(cipher(at(server, "ssl-mode=REQUIRED")), RefusedError);

  CHECK(server.sql("SELECT COUNT(*) FROM information_schema.USER_STATISTICS WHERE USER = 'safe'") ==
        "0\n");
  CHECK(cipher(at(server, "ssl-mode=PREFERRED")).empty());
  CHECK(server.sql("SELECT COUNT(*) FROM information_schema.USER_STATISTICS WHERE USER = 'safe'") ==
        "1\n");
}

TEST_CASE("where encryption is asked for and the server has it, it is used, and checked if asked") {
  const TemporaryDirectory certificates;
  savepoint::test::shell(certificates.path(),
                         "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost "
                         "-keyout key -out cert 2>/dev/null && chmod 755 . && chmod 644 key cert");
  MariadbServer server({"--ssl-cert=" + (certificates / "cert").string(),
                        "--ssl-key=" + (certificates / "key").string()});
  server.sql(k_users);

  CHECK_FALSE(cipher(at(server, "ssl-mode=REQUIRED")).empty());
  CHECK_FALSE(cipher(at(server, "ssl=true")).empty());
  CHECK_THROWS_AS(cipher(at(server, "ssl-mode=VERIFY_CA")), DatabaseError);
  CHECK_THROWS_AS(cipher(at(server, "sslaccept=strict")), DatabaseError);
}

TEST_CASE("a password of the environment goes nowhere") {
  MariadbServer server;
  server.sql(k_users);
  Address address = at(server, "");
  address.password = {};
  setenv("MYSQL_PWD", "canary", 1);

  CHECK_THROWS_AS(cipher(address), DatabaseError);

  unsetenv("MYSQL_PWD");
}
