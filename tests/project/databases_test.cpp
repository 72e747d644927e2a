#include "project/databases.hpp"

#include "support/catch.hpp"
#include "support/scanner.hpp"
#include "trust/trust.hpp"

#include <algorithm>
#include <string>
#include <vector>

using namespace savepoint;
using project::Databases;
using project::PassedDatabase;

namespace {

/// A project with a `.env` and settings; nothing of the machine's environment counts.
struct Sample {
  test::Scanner scanner;

  explicit Sample(std::string_view dotenv, std::string_view settings = "{}") {
    scanner.test.write(".env", dotenv);
    scanner.test.write("savepoint.json", settings);
  }
  [[nodiscard]] Databases find(const std::vector<std::string>& files = {}) const {
    project::Scan scan;
    for (const std::string& file : files) {
      scan.databases.push_back({.path = file, .driver = "sqlite"});
    }
    return project::find_databases(scanner.open(), scan);
  }
};

std::vector<std::string> names(const Databases& databases) {
  std::vector<std::string> all;
  for (const database::Target& target : databases.targets) {
    all.push_back(target.name);
  }
  return all;
}

const PassedDatabase& passed(const Databases& databases, const std::string& name) {
  const auto found = std::ranges::find(databases.passed, name, &PassedDatabase::name);
  REQUIRE(found != databases.passed.end());
  return *found;
}

using Names = std::vector<std::string>;

} // namespace

TEST_CASE("a server's database that .env names is captured under its own name") {
  const Sample sample("DATABASE_URL=postgres://app:canary@localhost/shop\n");

  const Databases found = sample.find({"data/app.db"});

  CHECK(names(found) == Names{"data/app.db", "shop"});
  const database::Target& shop = *found.find("shop");
  CHECK(shop.driver == "postgres");
  CHECK(shop.file.empty());
  CHECK(shop.source.find(".env:1") != std::string::npos);
  CHECK(shop.source.find("canary") == std::string::npos);
  CHECK_FALSE(shop.protection.is_protected);
}

TEST_CASE("a file that the walk met has the setting as its source that names it") {
  const Sample sample("DATABASE_URL=file:./data/app.db\n");

  const Databases found = sample.find({"data/app.db", "data/other.db"});

  CHECK(names(found) == Names{"data/app.db", "data/other.db"});
  CHECK(found.find("data/app.db")->source == "DATABASE_URL in .env:1");
  CHECK(found.find("data/other.db")->source.empty());
  CHECK(found.passed.empty());
}

TEST_CASE("a file is one database, however it is named") {
  const Sample sample("DATABASE_URL=sqlite:data/app.db\n",
                      GENERATE(as<std::string>(),
                               R"({"databases": [{"name": "main", "path": "data/app.db"}]})",
                               R"({"databases": [{"name": "main", "path": "link.db"}]})",
                               R"({"databases": [{"name": "main", "path": "dir/app.db"}]})",
                               R"({"databases": [{"name": "main", "url": "sqlite:data/app.db"}]})",
                               R"({"databases": [{"name": "main", "url": "sqlite:link.db"}]})",
                               R"({"databases": [{"name": "main",
                                                  "url": {"env": "DATABASE_URL"}}]})"));
  sample.scanner.test.write("data/app.db", "");
  sample.scanner.test.shell("ln -s data/app.db link.db && ln -s data dir");

  const Databases found = sample.find({"data/app.db"});

  CHECK(names(found) == Names{"main"});
  CHECK(found.find("main")->path == "data/app.db");
  CHECK(found.passed.empty());
}

TEST_CASE("a file that two entries of the config mean is captured once") {
  const Sample sample("", R"({"databases": [{"name": "main", "path": "app.db"},
                                            {"name": "other", "url": "sqlite:app.db"}]})");

  const Databases found = sample.find({"app.db"});

  CHECK(names(found) == Names{"main"});
  CHECK(passed(found, "other").is_error);
}

TEST_CASE("a link that leads out of the project is no other name for what is in it") {
  const Sample sample("", R"({"databases": [{"name": "main", "path": "link.db"}]})");
  sample.scanner.test.shell("touch ../elsewhere.db && ln -s ../elsewhere.db link.db");

  CHECK(sample.find({}).find("main")->path == "link.db");
}

TEST_CASE("a file that the config does not want is listed once, whatever else names it") {
  const Sample sample("DATABASE_URL=file:./data/app.db\n",
                      GENERATE(R"({"databases": [{"name": "data/app.db", "capture": false}]})",
                               R"({"databases": [{"name": "main", "url": "sqlite:data/app.db",
                                  "capture": false}]})"));

  const Databases found = sample.find({"data/app.db"});

  CHECK(names(found).empty());
  CHECK(found.passed.size() == 1);
}

TEST_CASE("a production database is not captured, and known to whoever restores it by name") {
  const Sample sample("DATABASE_URL=postgres://app@db.example.com/shop\n");

  const Databases found = sample.find();

  CHECK(found.targets.empty());
  REQUIRE(found.passed.size() == 1);
  REQUIRE(found.passed.front().target);
  CHECK(found.passed.front().target->name == "shop");
  CHECK(found.passed.front().target->protection.is_protected);
}

TEST_CASE("two databases of one name are told apart by their hosts") {
  const Sample sample("DATABASE_URL=postgres://app@localhost/shop\n"
                      "ORDERS_DATABASE_URL=postgres://app@10.0.0.5/shop\n");

  CHECK(names(sample.find()) == Names{"shop@10.0.0.5", "shop@localhost"});
}

TEST_CASE("an entry of the config stands for the database that .env names, and calls it so") {
  const Sample sample("DATABASE_URL=postgres://app@localhost/shop\n",
                      R"({"databases": [{"name": "main", "url": {"env": "DATABASE_URL"}}]})");

  CHECK(names(sample.find()) == Names{"main"});
}

TEST_CASE("an entry with nothing but a name says how what is found is treated") {
  const Sample sample("DATABASE_URL=postgres://app@localhost/shop\n", R"({"databases": [
      {"name": "shop", "protected": true, "prohibit_restore": true, "strategy": "template"},
      {"name": "data/app.db", "capture": false}]})");

  const Databases found = sample.find({"data/app.db"});

  CHECK(names(found) == Names{"shop"});
  CHECK(found.find("shop")->protection.is_protected);
  CHECK(found.find("shop")->prohibits_restore);
  CHECK(found.find("shop")->settings.strategy == "template");
  CHECK_FALSE(passed(found, "data/app.db").is_error);
  CHECK(passed(found, "data/app.db").target.has_value()); // an older snapshot may have it
}

TEST_CASE("what only PostgreSQL has is refused for another server, and not ignored") {
  const std::string dotenv = "DATABASE_URL=mysql://app@localhost/shop\n";
  const Sample client(dotenv, R"({"databases": [{"name": "shop", "client": ["docker", "exec"]}]})");
  const Sample strategy(dotenv, R"({"databases": [{"name": "shop", "strategy": "template"}]})");

  for (const Sample* sample : {&client, &strategy}) {
    const Databases found = sample->find();
    CHECK(names(found).empty());
    CHECK(passed(found, "shop").is_error);
    CHECK_THAT(passed(found, "shop").reason, Catch::Contains("only PostgreSQL"));
  }
}

TEST_CASE("a test database is captured only if the config names it") {
  const std::string dotenv = "TEST_DATABASE_URL=postgres://app@localhost/shop_test\n";

  const Databases found = Sample(dotenv).find();
  CHECK(names(found).empty());
  CHECK_FALSE(passed(found, "shop_test").is_error);

  CHECK(names(Sample(dotenv, R"({"databases": [{"name": "shop_test"}]})").find()) ==
        Names{"shop_test"});
}

TEST_CASE("what the config wants and nobody can have is an error with its reason") {
  const Databases found = Sample("", R"({"databases": [
      {"name": "shop", "url": {"env": "NOT_SET"}}, {"name": "nowhere"},
      {"name": "local", "url": "sqlite:"}, {"name": "folder", "url": "sqlite:///data/"}]})")
                              .find();

  CHECK(names(found).empty());
  CHECK(passed(found, "shop").is_error);
  CHECK(passed(found, "shop").reason == "the variable NOT_SET is not set");
  CHECK(passed(found, "nowhere").is_error);
  for (const auto* name : {"local", "folder"}) {
    CHECK(passed(found, name).is_error);
    CHECK(passed(found, name).reason == "its URL names no file");
  }
}

TEST_CASE("commands of a config wait until it is trusted, and so does lifting a guard") {
  const Sample sample("DATABASE_URL=postgres://app@db.example.com/shop\n", R"({"databases": [
      {"name": "cache", "dump": "cat cache", "restore": "cat > cache"},
      {"name": "shop", "protected": false}]})");

  const Databases before = sample.find();
  CHECK(passed(before, "cache").is_error);
  CHECK(passed(before, "cache").reason.find("savepoint trust") != std::string::npos);
  REQUIRE(before.find("shop") != nullptr);
  CHECK(before.find("shop")->protection.is_protected);

  const project::Project project = sample.scanner.open();
  trust::trust(project.config(), project.context().environment);
  const Databases after = sample.find();
  CHECK(names(after) == Names{"cache", "shop"});
  CHECK_FALSE(after.find("shop")->protection.is_protected);
}

TEST_CASE("nothing is looked for where discovery is off") {
  const Sample sample("DATABASE_URL=postgres://app@localhost/shop\n",
                      R"({"discover_databases": false})");

  CHECK(names(sample.find({"data/app.db"})).empty());
}

TEST_CASE("a file is never taken for a server's database of the same name") {
  const Sample sample("DATABASE_URL=postgres://app@localhost/shop\n");

  const Databases found = sample.find({"shop"});

  CHECK(names(found) == Names{"./shop", "shop"});
  CHECK(found.find("shop")->file.empty());
}
