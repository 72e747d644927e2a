#include "config/config.hpp"

#include "base/error.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

#include <filesystem>

using namespace savepoint;
using config::Config;
using config::Environment;
using test::TemporaryDirectory;
using test::write_file;

namespace {

/// A project and a home that hold nothing.
struct Place {
  TemporaryDirectory directory;
  std::filesystem::path root = directory / "project";
  std::filesystem::path home = directory / "home";
  Environment environment{{"HOME", home.string()}};

  Place() {
    std::filesystem::create_directories(root);
    std::filesystem::create_directories(home);
  }
  [[nodiscard]] Config load() const { return config::load(root, environment); }
};

struct Complaint {
  std::string message;
  std::string hint;
};

Complaint complaint_about(std::string_view text) {
  const Place place;
  write_file(place.root / "savepoint.json", text);
  try {
    static_cast<void>(place.load());
  } catch (const UsageError& error) {
    return {error.what(), error.hint()};
  }
  return {"no complaint", ""};
}

} // namespace

TEST_CASE("without any file the defaults hold") {
  const Place place;

  const Config config = place.load();

  CHECK_FALSE(config.store);
  CHECK(config.discover_databases);
  CHECK(config.secrets == config::Secrets::store);
  CHECK(config.retention.empty());
  CHECK(config.file.empty());
}

TEST_CASE("every key of savepoint.json is read") {
  const Place place;
  write_file(place.root / "savepoint.json", R"({
    // comments are welcome
    "$schema": "./savepoint.schema.json",
    "store": "../backups",
    "include": ["build/report.html"],
    "exclude": ["*.mp4", "/media"],
    "config": {"files": ["secrets/*.pem"]},
    "databases": [
      {"path": "./prisma//dev.db"},
      {"name": "old", "driver": "sqlite", "path": "old.db", "capture": false} /* not wanted */
    ],
    "discover_databases": false,
    "secrets": "keys-only",
    "versions": {"app": "package.json#/version"},
    "retention": {"keep_last": 3, "keep_hourly": 4, "keep_daily": 5, "keep_weekly": 6,
                  "keep_monthly": 7, "keep_yearly": 0, "keep_within": "2d",
                  "keep_tags": ["release"], "max_size": "5G", "max_count": 500},
    "health": {"snapshot_within": "1d", "verified_within": "30d", "free_space": "2G"}
  })");

  const Config config = place.load();

  CHECK(config.health.snapshot_within == std::chrono::hours(24));
  CHECK(config.health.verified_within == std::chrono::hours(30 * 24));
  CHECK(config.health.free_space == std::uint64_t{2} << 30U);
  CHECK(config.file == place.root / "savepoint.json");
  CHECK(config.store == "../backups");
  CHECK(config.include == std::vector<std::string>{"build/report.html"});
  CHECK(config.exclude == std::vector<std::string>{"*.mp4", "/media"});
  CHECK(config.config_files == std::vector<std::string>{"secrets/*.pem"});
  REQUIRE(config.databases.size() == 2);
  CHECK(config.databases[0].path == "prisma/dev.db");
  CHECK(config.databases[0].name == "prisma/dev.db");
  CHECK(config.databases[0].driver == "sqlite");
  CHECK(config.databases[0].capture);
  CHECK(config.databases[1].name == "old");
  CHECK_FALSE(config.databases[1].capture);
  CHECK_FALSE(config.discover_databases);
  CHECK(config.secrets == config::Secrets::keys_only);
  CHECK(config.versions.at("app") == "package.json#/version");
  CHECK(config.retention.keep_last == 3U);
  CHECK(config.retention.keep_hourly == 4U);
  CHECK(config.retention.keep_daily == 5U);
  CHECK(config.retention.keep_weekly == 6U);
  CHECK(config.retention.keep_monthly == 7U);
  CHECK(config.retention.keep_yearly == 0U);
  CHECK(config.retention.keep_within == std::chrono::days(2));
  CHECK(config.retention.keep_tags == std::vector<std::string>{"release"});
  CHECK(config.retention.max_size == std::uint64_t{5} << 30U);
  CHECK(config.retention.max_count == 500U);
}

TEST_CASE("hooks wait for two seconds and stop nothing, unless they are told to") {
  const config::HookSettings defaults = Config().hooks;
  Config config;

  config::apply(
      config,
      json::parse(R"({"hooks": {"budget": "1m", "deploy": ["main"], "on_failure": "block"}})", "x"),
      "x");

  CHECK(defaults.budget == std::chrono::seconds(2));
  CHECK(defaults.deploy.empty());
  CHECK_FALSE(defaults.block);
  CHECK(config.hooks.budget == std::chrono::minutes(1));
  CHECK(config.hooks.deploy == std::vector<std::string>{"main"});
  CHECK(config.hooks.block);
}

TEST_CASE("an unknown key is refused at every level, and the nearest known one named") {
  const auto [text, message, hint] = GENERATE(table<std::string, std::string, std::string>({
      {R"({"exlude": []})", "savepoint.json: unknown key 'exlude'", "did you mean 'exclude'?"},
      {R"({"retention": {"keep_lst": 1}})", "savepoint.json: unknown key 'retention.keep_lst'",
       "did you mean 'keep_last'?"},
      {R"({"databases": [{"pth": "a.db"}]})", "savepoint.json: unknown key 'databases[0].pth'",
       "did you mean 'path'?"},
      {R"({"config": {"xyzzy": 1}})", "savepoint.json: unknown key 'config.xyzzy'",
       "known keys here are files"},
  }));

  const Complaint complaint = complaint_about(text);

  CHECK(complaint.message == message);
  CHECK(complaint.hint == hint);
}

TEST_CASE("a wrong value is refused with the way to it") {
  const auto [text, message] = GENERATE(table<std::string, std::string>({
      {R"([])", "savepoint.json: expected an object"},
      {R"({"store": 1})", "savepoint.json: store: expected a string"},
      {R"({"store": ""})", "savepoint.json: store: expected a string that is not empty"},
      {R"({"store": "a\u0000b"})", "savepoint.json: store: a NUL cannot be part of this"},
      {R"({"include": "a"})", "savepoint.json: include: expected a list"},
      {R"({"exclude": ["a", 1]})", "savepoint.json: exclude[1]: expected a string"},
      {R"({"config": []})", "savepoint.json: config: expected an object"},
      {R"({"databases": {}})", "savepoint.json: databases: expected a list"},
      {R"({"databases": [{}]})",
       "savepoint.json: databases[0]: 'path', 'url' or 'dump' is missing"},
      {R"({"databases": [{"path": "/a.db"}]})",
       "savepoint.json: databases[0].path: expected a path below the project's root, without '..'"},
      {R"({"databases": [{"path": "a/../../b.db"}]})",
       "savepoint.json: databases[0].path: expected a path below the project's root, without '..'"},
      {R"({"databases": [{"path": "."}]})",
       "savepoint.json: databases[0].path: expected a path below the project's root, without '..'"},
      {R"({"databases": [{"path": "a"}, {"path": "./a"}]})",
       "savepoint.json: databases[1]: another database is called 'a' as well"},
      {R"({"databases": [{"path": "a"}, {"name": "b", "path": "./a"}]})",
       "savepoint.json: databases[1]: the database at 'a' is listed twice"},
      {R"({"discover_databases": "yes"})",
       "savepoint.json: discover_databases: expected true or false"},
      {R"({"secrets": "none"})", "savepoint.json: secrets: expected 'store' or 'keys-only'"},
      {R"({"versions": {"a": "../VERSION"}})", "savepoint.json: versions.a: expected a path below "
                                               "the project's root, without '..'"},
      {R"({"versions": {"a": ".env#API_KEY"}})",
       "savepoint.json: versions.a: a file that holds secrets holds no version to show"},
      {R"({"retention": {"keep_last": -1}})",
       "savepoint.json: retention.keep_last: expected a whole number that is not negative"},
      {R"({"retention": {"keep_last": 1.5}})",
       "savepoint.json: retention.keep_last: expected a whole number that is not negative"},
      {R"({"retention": {"keep_last": "1"}})",
       "savepoint.json: retention.keep_last: expected a whole number that is not negative"},
      {R"({"retention": {"keep_within": "soon"}})",
       "savepoint.json: retention.keep_within: expected a duration, not 'soon'"},
      {R"({"retention": {"max_size": "big"}})",
       "savepoint.json: retention.max_size: expected a size, not 'big'"},
      {R"({"hooks": {"budget": "soon"}})",
       "savepoint.json: hooks.budget: expected a duration, not 'soon'"},
      {R"({"hooks": {"budget": "2h"}})", "savepoint.json: hooks.budget: expected at most an hour"},
      {R"({"hooks": {"on_failure": "stop"}})",
       "savepoint.json: hooks.on_failure: expected 'continue' or 'block'"},
      {R"({"hooks": {"deploy": "main"}})", "savepoint.json: hooks.deploy: expected a list"},
      {R"({"retention": {"max_count": 0}})",
       "savepoint.json: retention.max_count: expected a whole number of at least 1"},
  }));

  CHECK(complaint_about(text).message == message);
}

TEST_CASE("a file that is no JSON is refused with line and column") {
  CHECK_THAT(complaint_about("{\n  \"store\": \"a\",\n}").message,
             Catch::StartsWith("savepoint.json, line 3, column 1: "));
}

TEST_CASE("the user's file comes first, the project's next, the environment last") {
  Place place;
  write_file(place.home / ".config/savepoint/config.json",
             R"({"store": "~/all", "secrets": "keys-only", "exclude": ["user"],
                 "retention": {"keep_last": 1, "keep_daily": 2}})");

  CHECK(place.load().store == place.home / "all");
  CHECK(place.load().file.empty());

  write_file(place.root / "savepoint.json",
             R"({"store": "here", "exclude": ["project"], "retention": {"keep_last": 3}})");
  const Config project = place.load();
  CHECK(project.store == "here");
  CHECK(project.exclude == std::vector<std::string>{"project"});
  CHECK(project.secrets == config::Secrets::keys_only);
  CHECK(project.retention.keep_last == 3U);
  CHECK(project.retention.keep_daily == 2U);

  place.environment["SAVEPOINT_STORE"] = "/elsewhere";
  place.environment["SAVEPOINT_SECRETS"] = "store";
  const Config environment = place.load();
  CHECK(environment.store == "/elsewhere");
  CHECK(environment.secrets == config::Secrets::store);
}

TEST_CASE("a relative SAVEPOINT_STORE starts at the current directory, wherever the project is") {
  Place place;
  place.environment["SAVEPOINT_STORE"] = "../snapshots";

  CHECK(place.load().store == (std::filesystem::current_path().parent_path() / "snapshots"));
}

TEST_CASE("XDG_CONFIG_HOME moves the user's file, unless it is relative") {
  Place place;
  write_file(place.home / "xdg/savepoint/config.json", R"({"store": "/xdg"})");
  write_file(place.home / ".config/savepoint/config.json", R"({"store": "/home"})");

  place.environment["XDG_CONFIG_HOME"] = (place.home / "xdg").string();
  CHECK(place.load().store == "/xdg");
  place.environment["XDG_CONFIG_HOME"] = "xdg";
  CHECK(place.load().store == "/home");
  place.environment["XDG_CONFIG_HOME"] = "";
  CHECK(place.load().store == "/home");
}

TEST_CASE("without a home there is no user file, and ~ is an error") {
  Place place;
  place.environment.clear();
  CHECK_FALSE(place.load().store);

  write_file(place.root / "savepoint.json", R"({"store": "~/store"})");
  CHECK_THROWS_AS(place.load(), UsageError);
}

TEST_CASE("a store in the user's file is absolute") {
  const Place place;
  write_file(place.home / ".config/savepoint/config.json", R"({"store": "relative"})");

  CHECK_THROWS_AS(place.load(), UsageError);
}

TEST_CASE("a wrong SAVEPOINT_SECRETS never means that secrets are stored") {
  Place place;
  place.environment["SAVEPOINT_SECRETS"] = "keys_only";

  CHECK_THROWS_AS(place.load(), UsageError);
}

TEST_CASE("package.json holds the settings only where there is no savepoint.json") {
  const Place place;
  write_file(place.root / "package.json",
             R"({"name": "shop", "savepoint": {"exclude": ["package"]}})");

  const Config from_package = place.load();
  CHECK(from_package.exclude == std::vector<std::string>{"package"});
  CHECK(from_package.file == place.root / "package.json");

  write_file(place.root / "savepoint.json", "{}");
  CHECK(place.load().exclude.empty());
  CHECK(place.load().file == place.root / "savepoint.json");
}

TEST_CASE("a wrong key in package.json is named with the way to it") {
  const Place place;
  write_file(place.root / "package.json", R"({"savepoint": {"secrets": "no"}})");

  CHECK_THROWS_WITH(place.load(),
                    "package.json: savepoint: secrets: expected 'store' or 'keys-only'");
}

TEST_CASE("a package.json in the middle of a merge stops nothing, unless it may hold settings") {
  const Place place;
  write_file(place.root / "package.json", "<<<<<<< HEAD\n{}\n");
  CHECK(place.load().file.empty());

  write_file(place.root / "package.json", "<<<<<<< HEAD\n{\"savepoint\": {}}\n");
  CHECK_THROWS_AS(place.load(), UsageError);
}

TEST_CASE("a package that only depends on savepoint has no settings") {
  const Place place;
  write_file(place.root / "package.json", R"({"devDependencies": {"savepoint": "^1.0.0"}})");

  CHECK(place.load().file.empty());
}

TEST_CASE("what cannot be a settings file is refused, not waited for") {
  const Place place;
  SECTION("more than 1 MiB") {
    write_file(place.root / "savepoint.json", "{}" + std::string(std::size_t{1} << 20U, ' '));
    CHECK_THROWS_AS(place.load(), UsageError);
  }
  SECTION("a directory") {
    std::filesystem::create_directory(place.root / "savepoint.json");
    CHECK_THROWS_AS(place.load(), UsageError);
  }
  SECTION("a FIFO") {
    test::shell(place.root, "mkfifo savepoint.json package.json");
    CHECK_THROWS_AS(place.load(), UsageError);
  }
}

TEST_CASE("the defaults of retention are those promised") {
  const config::Retention defaults = config::default_retention();

  CHECK(defaults.keep_last == 20U);
  CHECK(defaults.keep_daily == 14U);
  CHECK(defaults.keep_weekly == 8U);
  CHECK(defaults.keep_monthly == 6U);
  CHECK(defaults.keep_within == std::chrono::days(2));
  CHECK_FALSE(defaults.keep_hourly);
  CHECK_FALSE(defaults.keep_yearly);
  CHECK_FALSE(defaults.empty());
}
