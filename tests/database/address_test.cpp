#include "database/address.hpp"

#include "base/error.hpp"
#include "support/catch.hpp"

#include <string>
#include <vector>

using namespace savepoint;
using database::Address;
using database::display;
using database::parse_url;

namespace {

/// All that was read, in one line: driver|host|port|user|password|database.
std::string read(std::string_view url) {
  const Address address = parse_url(url);
  return address.driver + "|" + address.host + "|" + std::to_string(address.port) + "|" +
         address.user + "|" + address.password.reveal() + "|" + address.database;
}

/// What a refusal says, hint included.
std::string refusal_of(std::string_view url) {
  try {
    const Address address = parse_url(url);
    return "read as " + display(address);
  } catch (const UsageError& error) {
    return error.what() + error.hint();
  }
}

} // namespace

TEST_CASE("the usual URLs of servers are read, whatever library they were written for") {
  CHECK(read("postgres://app:pw@localhost:5432/shop") == "postgres|localhost|5432|app|pw|shop");
  CHECK(read("postgresql://app:pw@localhost/shop") == "postgres|localhost|0|app|pw|shop");
  CHECK(read("postgresql+psycopg2://app:pw@h/shop") == "postgres|h|0|app|pw|shop");
  CHECK(read("postgresql+asyncpg://app@h/shop") == "postgres|h|0|app||shop");
  CHECK(read("POSTGRES://h/shop") == "postgres|h|0|||shop");
  CHECK(read("postgis://h/shop") == "postgres|h|0|||shop");
  CHECK(read("pgx5://h/shop") == "postgres|h|0|||shop");
  CHECK(read("mysql://app:pw@h:3307/shop") == "mariadb|h|3307|app|pw|shop");
  CHECK(read("mysql2://app:pw@h/shop") == "mariadb|h|0|app|pw|shop");
  CHECK(read("mysql+pymysql://app:pw@h/shop?charset=utf8mb4") == "mariadb|h|0|app|pw|shop");
  CHECK(read("mariadb+mariadbconnector://app:pw@h/shop") == "mariadb|h|0|app|pw|shop");
  CHECK(read("trilogy://app@h/shop") == "mariadb|h|0|app||shop");
  CHECK(read("  postgres://h/shop\n") == "postgres|h|0|||shop");
  CHECK(read("postgres://h:/shop/") == "postgres|h|0|||shop");
  CHECK(read("postgres://h") == "postgres|h|0|||");
}

TEST_CASE("databases without a driver keep their scheme") {
  CHECK(read("mongodb+srv://app:pw@c0.example.net/shop?retryWrites=true") ==
        "mongodb|c0.example.net|0|app|pw|shop");
  CHECK(read("mongodb://app:pw@a:27017,b:27017/shop") == "mongodb|a:27017,b:27017|0|app|pw|shop");
  CHECK(read("redis://:pw@cache:6379/0") == "redis|cache|6379||pw|0");
  CHECK(read("prisma+postgres://accelerate.prisma-data.net/?api_key=pw") ==
        "prisma|accelerate.prisma-data.net|0|||");
  CHECK(read("mssql://h") == "mssql|h|0|||");
  CHECK(read("libsql://shop.turso.io") == "libsql|shop.turso.io|0|||");
  CHECK(read("jdbc:oracle:thin:@//h:1521/shop") == "oracle||0|||");
  CHECK(read("jdbc:sqlserver://h:1433;databaseName=shop;password=pw") == "sqlserver|h|1433|||");
}

TEST_CASE("JDBC URLs are read, with the user and password in their parameters") {
  CHECK(read("jdbc:postgresql://h:5433/shop?user=app&password=p%40w") ==
        "postgres|h|5433|app|p@w|shop");
  CHECK(read("jdbc:postgresql:shop") == "postgres|localhost|0|||shop");
  CHECK(read("jdbc:postgresql:///shop") == "postgres|localhost|0|||shop");
  CHECK(read("jdbc:mysql://h/shop?useSSL=false") == "mariadb|h|0|||shop");
  CHECK(read("jdbc:mariadb:loadbalance://h/shop") == "mariadb|h|0|||shop");
  CHECK(read("jdbc:sqlite:data/app.db") == "sqlite||0|||data/app.db");
}

TEST_CASE("what libpq and Go understand is read") {
  CHECK(read("host=localhost port=5433 dbname=shop user=app password=pw") ==
        "postgres|localhost|5433|app|pw|shop");
  CHECK(read("dbname = 'my shop' password='it\\'s \\\\ here' host = h") ==
        "postgres|h|0||it's \\ here|my shop");
  CHECK(read("hostaddr=10.0.0.1 dbname=shop") == "postgres|10.0.0.1|0|||shop");
  CHECK(read("app:p@ss/w@tcp(h:3306)/shop?parseTime=true") == "mariadb|h|3306|app|p@ss/w|shop");
  CHECK(read("app:pw@tcp([::1]:3306)/shop") == "mariadb|::1|3306|app|pw|shop");
  CHECK(read("app:pw@unix(/run/mysqld.sock)/shop") == "mariadb|/run/mysqld.sock|0|app|pw|shop");
  CHECK(read("app:pw@/shop") == "mariadb||0|app|pw|shop");
  CHECK(read("mysql://app:pw@tcp(h:3306)/shop") == "mariadb|h|3306|app|pw|shop");
}

TEST_CASE("sockets are read in every place where they can stand") {
  CHECK(read("postgres:///shop") == "postgres||0|||shop");
  CHECK(read("postgres://app@/shop?host=/run/pg&port=5433") == "postgres|/run/pg|5433|app||shop");
  CHECK(read("postgres://app@localhost/shop?host=/run/pg") == "postgres|/run/pg|0|app||shop");
  CHECK(read("postgres://%2Frun%2Fpg:5433/shop") == "postgres|/run/pg|5433|||shop");
  CHECK(read("mysql://app@localhost/shop?socket=/run/my.sock") ==
        "mariadb|/run/my.sock|0|app||shop");
  CHECK(read("mysql://app@h/shop?socket=(/run/my.sock)") == "mariadb|/run/my.sock|0|app||shop");
  CHECK(read("mysql+pymysql://app@/shop?unix_socket=/run/my.sock") ==
        "mariadb|/run/my.sock|0|app||shop");
}

TEST_CASE("paths of SQLite mean what SQLAlchemy, Prisma and JDBC mean by them") {
  CHECK(parse_url("sqlite:///db.sqlite3").database == "db.sqlite3");
  CHECK(parse_url("sqlite:////srv/db.sqlite3").database == "/srv/db.sqlite3");
  CHECK(parse_url("sqlite+aiosqlite:///./app.db").database == "./app.db");
  CHECK(parse_url("sqlite:db/app.db").database == "db/app.db");
  CHECK(parse_url("sqlite3:/srv/app.db").database == "/srv/app.db");
  CHECK(parse_url("sqlite://data.db").database == "data.db");
  CHECK(parse_url("sqlite::memory:").database == ":memory:");
  CHECK(parse_url("sqlite://").database.empty());
  CHECK(parse_url("file:./dev.db?connection_limit=1").database == "./dev.db");
  CHECK(parse_url("file:///srv/dev.db").database == "/srv/dev.db");
  CHECK(parse_url("file:a%20b.db").database == "a%20b.db");
}

TEST_CASE("parts are percent-decoded, and a password that was not encoded is understood") {
  CHECK(read("postgres://a%40b:p%40x@h/my%20shop") == "postgres|h|0|a@b|p@x|my shop");
  CHECK(read("postgres://u:p%zz%@h/d") == "postgres|h|0|u|p%zz%|d");
  CHECK(read("postgres://u:p#ss@h/d") == "postgres|h|0|u|p#ss|d");
  CHECK(read("postgres://u:p/ss@h/d") == "postgres|h|0|u|p/ss|d");
  CHECK(read("postgres://u:p?ss@h/d") == "postgres|h|0|u|p?ss|d");
  CHECK(read("postgres://u:p@ss@h/d") == "postgres|h|0|u|p@ss|d");
  CHECK(read("postgres://u:p@ss#1@h/d") == "postgres|h|0|u|p@ss#1|d");
  CHECK(read("postgres://u:123/4@h:5432/d?a=b") == "postgres|h|5432|u|123/4|d");
  CHECK(read("postgres://u:x/y@a/z@h/d") == "postgres|h|0|u|x/y@a/z|d");
  CHECK(read("postgres://u:p:w@h/d") == "postgres|h|0|u|p:w|d");
  CHECK(read("postgres://u:p@h/d?options=a@b") == "postgres|h|0|u|p|d");
  CHECK(read("mysql://app@srv:pw@srv.example.com/d") == "mariadb|srv.example.com|0|app@srv|pw|d");
}

TEST_CASE("other parameters are kept") {
  const Address address = parse_url("postgres://u@h/d?sslmode=require&schema=a%2Bb&x&=y");

  CHECK(address.parameters.at("sslmode") == "require");
  CHECK(address.parameters.at("schema") == "a+b");
}

TEST_CASE("the number of a host is kept beside its name") {
  for (const char* const text : {"host=db.example.com hostaddr=10.0.0.5 dbname=shop",
                                 "hostaddr=10.0.0.5 host=db.example.com dbname=shop",
                                 "postgres://db.example.com/shop?hostaddr=10.0.0.5"}) {
    CAPTURE(text);
    const Address address = parse_url(text);
    CHECK(address.host == "db.example.com");
    CHECK(address.parameters.at("hostaddr") == "10.0.0.5");
  }
  CHECK(parse_url("hostaddr=10.0.0.5 dbname=shop").host == "10.0.0.5");
}

TEST_CASE("the passphrase of a client key is not kept among the parameters") {
  CHECK(parse_url("postgres://h/d?sslkey=k&sslpassword=canary").parameters ==
        std::map<std::string, std::string>{{"sslkey", "k"}});
  CHECK(parse_url("host=h dbname=d sslpassword=canary").parameters.empty());
}

TEST_CASE("IPv6 addresses are read without their brackets") {
  CHECK(read("postgres://[::1]:5433/shop") == "postgres|::1|5433|||shop");
  CHECK(read("postgres://u:p@[fe80::1%25eth0]/shop") == "postgres|fe80::1%eth0|0|u|p|shop");
}

TEST_CASE("what is no URL is refused, and no part of it is in the message") {
  for (const char* const url :
       {"", "   ", "canary", "canary=1", "postgres://u:canary", "postgres://u:canary@h:99999/d",
        "postgres://u:canary@h:x/d", "postgres://u:canary@a,b/d", "postgres://u:canary@[::1/d",
        "postgres://u:canary@[zz]/d", "postgres://u:canary@h/d/e", "postgres://u:canary@a b/d",
        "postgres://u:canary@h/d?port=x", "postgres://u:canary@h/d?host=a,b",
        "host=canary port=x dbname=d", "dbname='canary", "password", "jdbc:canary",
        "postgres://u:canary@a/b@c"}) {
    CAPTURE(url);
    const std::string refusal = refusal_of(url);
    CHECK_THAT(refusal, !Catch::Matchers::Contains("canary"));
    CHECK_THAT(refusal, !Catch::Matchers::StartsWith("read as"));
  }
}

TEST_CASE("a password with @ that could end in two places is refused, not guessed") {
  CHECK_THAT(refusal_of("postgres://u:p/1@a/b?c=d@e/f"),
             Catch::Matchers::Contains("more than one way"));
}

TEST_CASE("an address is displayed as a URL without its password") {
  CHECK(display(parse_url("postgresql+asyncpg://app:pw@localhost:5432/shop?sslpassword=pw")) ==
        "postgres://app@localhost:5432/shop");
  CHECK(display(parse_url("mysql://:pw@h")) == "mariadb://h/");
  CHECK(display(parse_url("postgres:///shop")) == "postgres:///shop");
  CHECK(display(parse_url("postgres://[::1]:5433/shop")) == "postgres://[::1]:5433/shop");
  CHECK(display(parse_url("postgres://u:pw@/shop?host=/run/pg")) ==
        "postgres://u@/shop?host=/run/pg");
  CHECK(display(parse_url("sqlite:///a\nb.db")) == "sqlite:a\\nb.db");
  CHECK(display(parse_url("postgres://a%0Ab@h/%FF")) == "postgres://a%0Ab@h/%FF");
}

TEST_CASE("what is displayed can be read again") {
  for (const char* const url :
       {"postgres://a%40b@h:1/my%20shop", "mysql://u@/d?socket=/run/a%26b.sock", "postgres://u@/d",
        "postgres://u@/d?host=/run/pg&port=5433", "postgres://[fe80::1%25eth0]:5/d%2Fe%25",
        "mongodb://u@a:1,b:2/d", "postgres:///", "mariadb://h/%C3%A9"}) {
    CAPTURE(url);
    const Address address = parse_url(url);
    const Address again = parse_url(display(address));
    CHECK(again.driver == address.driver);
    CHECK(again.host == address.host);
    CHECK(again.port == address.port);
    CHECK(again.user == address.user);
    CHECK(again.database == address.database);
  }
}

TEST_CASE("any bytes are read or refused") {
  const std::vector<std::string> beginnings = {"postgres://u:p@h:5432/d?a=b",
                                               "jdbc:mysql://h/d",
                                               "host='a' dbname=b",
                                               "u:p@tcp(h:1)/d",
                                               "sqlite:///a?b=c",
                                               "mysql://[::1]/d"};
  for (const std::string& beginning : beginnings) {
    for (std::size_t at = 0; at <= beginning.size(); ++at) {
      for (int byte = 0; byte < 256; byte += 3) {
        const std::string url =
            beginning.substr(0, at) + static_cast<char>(byte) + beginning.substr(at);
        CHECK_NOTHROW(refusal_of(url));
        CHECK_NOTHROW(refusal_of(url.substr(0, at + 1)));
      }
    }
  }
}
