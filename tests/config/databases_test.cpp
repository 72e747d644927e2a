#include "config/config.hpp"

#include "base/error.hpp"
#include "support/catch.hpp"

using namespace savepoint;
using config::Config;
using config::DatabaseSetting;

namespace {

Config applied(const std::string& databases) {
  Config config;
  config::apply(config, json::parse(R"({"databases": )" + databases + "}", "test"), "test");
  return config;
}

DatabaseSetting only_one(const std::string& database) {
  const Config config = applied("[" + database + "]");
  REQUIRE(config.databases.size() == 1);
  return config.databases[0];
}

struct Complaint {
  std::string message;
  std::string hint;
};

Complaint complaint_about(const std::string& database) {
  try {
    applied("[" + database + "]");
  } catch (const UsageError& error) {
    return {error.what(), error.hint()};
  }
  return {"no complaint", {}};
}

} // namespace

TEST_CASE("the URL of a database is the value of a variable, of one file if one is named") {
  const DatabaseSetting database = only_one(
      R"({"name": "app", "url": {"env": "DATABASE_URL", "file": "./config/.env.staging"}})");

  REQUIRE(database.url);
  CHECK(database.url->variable == "DATABASE_URL");
  CHECK(database.url->file == "config/.env.staging");
  CHECK(database.url->literal.empty());
  CHECK(database.driver.empty());
  CHECK(database.path.empty());

  CHECK_FALSE(only_one(R"({"name": "app", "url": {"env": "DB"}})").url->file);
}

TEST_CASE("a literal URL names its database") {
  const DatabaseSetting database = only_one(R"({"url": "postgres://app@localhost:5432/shop?a=b"})");

  REQUIRE(database.url);
  CHECK(database.url->literal == "postgres://app@localhost:5432/shop?a=b");
  CHECK(database.url->variable.empty());
  CHECK(database.name == "shop");
}

TEST_CASE("a password in the config is refused, never repeated, and the way out is named") {
  const std::string url =
      GENERATE(as<std::string>(), "postgres://app:hunter2@localhost/shop",
               "postgres://app:hunter2/hunter2@localhost/shop",
               "postgres://app:hunter2@hunter2@localhost/shop",
               "postgres://localhost/shop?user=app&password=hunter2",
               "jdbc:postgresql://localhost/shop?user=app&PASSWORD=hunter2",
               "jdbc:sqlserver://localhost;user=app;Password=hunter2;",
               "host=localhost dbname=shop password = hunter2",
               "host=localhost dbname=shop password='hunter2'",
               "app:hunter2@tcp(localhost:3306)/shop", "mysql+pymysql://app:hunter2@localhost/shop",
               "postgres://localhost/shop?sslpassword=hunter2");

  const Complaint complaint = complaint_about(R"({"name": "x", "url": ")" + url + R"("})");

  CHECK(complaint.message == "test: databases[0].url: a password does not belong into this file");
  CHECK(complaint.hint.find(R"({"env": "DATABASE_URL")") != std::string::npos);
}

TEST_CASE("a URL without a password passes") {
  const std::string url =
      GENERATE(as<std::string>(), "postgres://app@localhost:5432/shop", "postgres:///shop",
               "postgres://app:@localhost/shop", "mysql://[::1]:3306/shop", "sqlite:data/app.db",
               "host=/run/postgresql dbname=shop user=app", "app@unix(/run/mysqld.sock)/shop");

  CHECK(complaint_about(R"({"name": "x", "url": ")" + url + R"("})").message == "no complaint");
}

TEST_CASE("a URL where the name of a variable should be is not repeated in the complaint") {
  const Complaint complaint =
      complaint_about(R"({"name": "x", "url": {"env": "postgres://app:hunter2@localhost/shop"}})");

  CHECK(complaint.message == "test: databases[0].url.env: expected the name of a variable");
}

TEST_CASE("commands make a database of the command driver") {
  const DatabaseSetting database =
      only_one(R"({"name": "cache", "dump": "mongodump --archive", "restore": "mongorestore"})");

  CHECK(database.driver == "command");
  CHECK(database.dump == "mongodump --archive");
  CHECK(database.restore == "mongorestore");
}

TEST_CASE("how a server's database is treated is read") {
  const DatabaseSetting database = only_one(
      R"({"name": "a", "url": {"env": "A"}, "driver": "postgres", "strategy": "template",
          "owner": true, "privileges": true, "client": ["docker", "compose", "exec", "-T", "db"],
          "protected": false, "prohibit_restore": true, "capture": false})");

  CHECK(database.driver == "postgres");
  CHECK(database.strategy == "template");
  CHECK(database.owner);
  CHECK(database.privileges);
  CHECK(database.client == std::vector<std::string>{"docker", "compose", "exec", "-T", "db"});
  CHECK(database.is_protected == false);
  CHECK(database.prohibit_restore);
  CHECK_FALSE(database.capture);
}

TEST_CASE("a name alone says how to treat a database that is found by itself") {
  const DatabaseSetting left_out = only_one(R"({"name": "x", "capture": false})");
  CHECK_FALSE(left_out.capture);
  CHECK(left_out.driver.empty());
  CHECK(left_out.path.empty());
  CHECK_FALSE(left_out.url);
  CHECK(left_out.dump.empty());

  CHECK(only_one(R"({"name": "x", "protected": true})").is_protected == true);
  CHECK(only_one(R"({"name": "x", "prohibit_restore": true})").prohibit_restore);
  CHECK_FALSE(only_one(R"({"name": "x", "prohibit_restore": true})").is_protected);
  CHECK(applied(R"([{"name": "x", "protected": true}, {"name": "y", "capture": false}])")
            .databases.size() == 2);
}

TEST_CASE("what does not fit together about a database is refused") {
  const auto [text, message] = GENERATE(table<std::string, std::string>({
      {R"({"path": "a.db", "url": {"env": "A"}})",
       "test: databases[0]: only one of 'path', 'url' and 'dump' says where a database is"},
      {R"({"path": "a.db", "dump": "x"})",
       "test: databases[0]: only one of 'path', 'url' and 'dump' says where a database is"},
      {R"({"url": {"env": "A"}})", "test: databases[0]: 'name' is missing"},
      {R"({"url": "postgres://localhost"})", "test: databases[0]: 'name' is missing"},
      {R"({"dump": "x"})", "test: databases[0]: 'name' is missing"},
      {R"({"name": "x", "url": {}})", "test: databases[0].url: 'env' is missing"},
      {R"({"name": "x", "url": {"env": "A", "file": "../.env"}})",
       "test: databases[0].url.file: expected a path below the project's root, without '..'"},
      {R"({"name": "x", "url": 1})", "test: databases[0].url: expected an object"},
      {R"({"name": "x", "restore": "y"})", "test: databases[0]: 'restore' goes with 'dump'"},
      {R"({"path": "a.db", "restore": "y"})", "test: databases[0]: 'restore' goes with 'dump'"},
      {R"({"name": "x", "dump": "y", "driver": "postgres"})",
       "test: databases[0]: what has 'dump' is of the driver 'command'"},
      {R"({"name": "x", "driver": "command"})", "test: databases[0]: 'dump' is missing"},
      {R"({"name": "x", "driver": "postgres"})", "test: databases[0]: 'path' or 'url' is missing"},
      {R"({"name": "x", "url": {"env": "A"}, "strategy": "copy"})",
       "test: databases[0].strategy: expected 'dump' or 'template'"},
      {R"({"name": "x", "url": {"env": "A"}, "client": []})",
       "test: databases[0].client: expected what stands before a program, such as "
       R"(["docker", "compose", "exec", "-T", "db"])"},
      {R"({"path": "a.db", "owner": true})",
       "test: databases[0].owner: only databases that a server keeps know this"},
      {R"({"name": "x", "url": {"env": "A"}, "driver": "mariadb", "client": ["docker"]})",
       "test: databases[0].client: only PostgreSQL is read and restored by client programs"},
      {R"({"url": "mysql://db/shop", "client": ["docker"]})",
       "test: databases[0].client: only PostgreSQL is read and restored by client programs"},
      {R"({"url": "mariadb://db/shop", "strategy": "template"})",
       "test: databases[0].strategy: only PostgreSQL can copy a database by itself"},
      {R"({"name": "x", "dump": "y", "client": ["docker"]})",
       "test: databases[0].client: only databases that a server keeps know this"},
  }));

  CHECK(complaint_about(text).message == message);
}

TEST_CASE("an unknown key of a database is answered with the nearest one") {
  CHECK(complaint_about(R"({"name": "x", "prohibit_restor": true})").hint ==
        "did you mean 'prohibit_restore'?");
  CHECK(complaint_about(R"({"name": "x", "url": {"enf": "A"}})").hint == "did you mean 'env'?");
}
