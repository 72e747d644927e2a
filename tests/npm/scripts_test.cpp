#include "npm/scripts.hpp"

#include "base/error.hpp"
#include "json/edit.hpp"

#include "support/catch.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace savepoint;

namespace {

std::string package_with(const std::vector<json::TextMember>& scripts) {
  return json::set_texts("{\n  \"name\": \"shop\"\n}\n", "scripts", scripts);
}

/// What becomes of one script; itself if nothing does.
std::string wrapped(const std::string& line, const std::string& name = "x") {
  const npm::Edit edit = npm::add_scripts(package_with({{name, line}, {"migrate", "true"}}), "p");
  return edit.wrapped.empty() ? line : edit.wrapped.front().after;
}

std::string why_kept(const npm::Edit& edit, std::string_view name) {
  const auto found = std::ranges::find(edit.kept, name, &npm::Kept::name);
  return found == edit.kept.end() ? "" : found->why;
}

} // namespace

TEST_CASE("scripts for backups and the way back are added") {
  const npm::Edit edit = npm::add_scripts("{}", "p");
  std::vector<std::string> names;
  for (const npm::Changed& added : edit.added) {
    names.push_back(added.name);
  }
  CHECK(names == std::vector<std::string>{"backup", "backup:db", "backup:code", "backup:config",
                                          "backup:list", "backup:verify", "restore"});
  CHECK(npm::add_scripts(edit.text, "p").text == edit.text);
}

TEST_CASE("a script of the same name stays whose it is") {
  const std::string package =
      package_with({{"backup", "cp -r . ../copy"}, {"restore", "git reset"}});
  const npm::Edit edit = npm::add_scripts(package, "p");
  CHECK(edit.text.find("\"backup\": \"cp -r . ../copy\"") != std::string::npos);
  CHECK(edit.text.find("\"restore\": \"git reset\"") != std::string::npos);
  CHECK(edit.added.size() == 5);
  CHECK(why_kept(edit, "restore") == "there is one already");
  CHECK(npm::remove_scripts(edit.text, "p").text == package);
}

TEST_CASE("migrations are run by savepoint, and nothing else is") {
  using Pair = std::pair<std::string, std::string>;
  for (const auto& [line, expected] : std::vector<Pair>{
           {"prisma migrate dev", "savepoint run -- prisma migrate dev"},
           {"npx knex migrate:latest", "savepoint run -- npx knex migrate:latest"},
           {"prisma generate && prisma migrate deploy && node seed.js",
            "prisma generate && savepoint run -- prisma migrate deploy && node seed.js"},
           {"NODE_ENV=test DB='a b' knex migrate:rollback",
            "NODE_ENV=test DB='a b' savepoint run -- knex migrate:rollback"},
           {"cross-env NODE_ENV=test sequelize-cli db:migrate",
            "cross-env NODE_ENV=test savepoint run -- sequelize-cli db:migrate"},
           {"A=1 env DATABASE_URL=postgres://h/d prisma migrate deploy",
            "A=1 env DATABASE_URL=postgres://h/d savepoint run -- prisma migrate deploy"},
           {"dotenv -e .env.local -- prisma migrate dev",
            "dotenv -e .env.local -- savepoint run -- prisma migrate dev"},
           {"time prisma migrate deploy", "time savepoint run -- prisma migrate deploy"},
           {"ts-node ./node_modules/.bin/knex migrate:latest",
            "savepoint run -- ts-node ./node_modules/.bin/knex migrate:latest"},
           {"tsx node_modules/.bin/typeorm migration:run",
            "savepoint run -- tsx node_modules/.bin/typeorm migration:run"},
           {"echo 'a && b' ; typeorm migration:run -d \"src/data source.ts\" > log 2>&1",
            "echo 'a && b' ; savepoint run -- typeorm migration:run -d \"src/data source.ts\" > "
            "log "
            "2>&1"},
           {"yarn run knex migrate:latest", "savepoint run -- yarn run knex migrate:latest"},
           {"npm exec -- prisma db push", "savepoint run -- npm exec -- prisma db push"},
           {"drizzle-kit push | cat", "savepoint run -- drizzle-kit push | cat"},
       }) {
    CHECK(wrapped(line) == expected);
    CHECK(wrapped(expected) == expected);
  }
  for (const std::string line :
       {"node server.js", "prisma generate", "knex migrate:make first", "knex migrate:status",
        "prisma migrate status", "prisma db pull", "typeorm migration:generate x",
        "npm run migrate", "yarn migrate", "pnpm run -s migrate", "npm run migrate:all -w api",
        "echo 'prisma migrate dev'", "", "true # knex"}) {
    CAPTURE(line);
    CHECK(wrapped(line) == line);
  }
}

TEST_CASE("where savepoint may be missing or a line is a program, the script is left and named") {
  CHECK(wrapped("prisma migrate deploy && node .", "start") == "prisma migrate deploy && node .");
  const npm::Edit edit =
      npm::add_scripts(package_with({{"start", "prisma migrate deploy && node ."},
                                     {"postinstall", "knex migrate:latest"},
                                     {"if", "if test -f x; then knex migrate:latest; fi"},
                                     {"sub", "(cd db && knex migrate:latest)"},
                                     {"date", "echo $(date) && knex migrate:latest"},
                                     {"now", "echo $(date)"}}),
                       "p");
  CHECK(edit.wrapped.empty());
  CHECK(why_kept(edit, "start") == "runs where savepoint may not be installed");
  CHECK(why_kept(edit, "postinstall") == why_kept(edit, "start"));
  for (const std::string name : {"if", "sub", "date"}) {
    CHECK(why_kept(edit, name).find("by hand") != std::string::npos);
  }
  CHECK(why_kept(edit, "now").empty());
}

TEST_CASE("a migration that is not known is left and named") {
  for (const std::string line :
       {"env-cmd -f .env prisma migrate deploy", "dotenv -e .env.local prisma migrate dev",
        "node --require ts-node/register ./node_modules/typeorm/cli.js migration:run",
        "pnpm --filter api exec prisma migrate deploy", "node scripts/migrate.js",
        "docker compose exec app npx prisma db push", "env -i prisma migrate deploy",
        "concurrently \"prisma migrate dev\" \"vite\"", "time -p prisma migrate deploy"}) {
    CAPTURE(line);
    const npm::Edit edit = npm::add_scripts(package_with({{"x", line}}), "p");
    CHECK(edit.wrapped.empty());
    CHECK(why_kept(edit, "x").find("by hand") != std::string::npos);
  }
  for (const std::string line : {"node server.js", "knex migrate:make first", "npm run migrate",
                                 "npx prisma migrate status", "prisma generate"}) {
    CAPTURE(line);
    CHECK(why_kept(npm::add_scripts(package_with({{"x", line}, {"migrate", "true"}}), "p"), "x")
              .empty());
  }
}

TEST_CASE("taking it back gives the same bytes") {
  for (const std::string& package :
       {package_with({{"migrate", "knex migrate:latest && echo done"}, {"start", "node ."}}),
        std::string(
            "{\"name\":\"x\",\"scripts\":{\"m\":\"A=1 prisma db push\",\"restore\":\"mine\"}}"),
        std::string("{\r\n\t\"name\": \"x\"\r\n}"),
        package_with({{"job", "savepoint run -- ./job.sh"}})}) {
    CAPTURE(package);
    const npm::Edit edit = npm::add_scripts(package, "p");
    CHECK(edit.text != package);
    CHECK(npm::remove_scripts(edit.text, "p").text == package);
    CHECK(npm::remove_scripts(package, "p").text == package);
  }
}

TEST_CASE("what somebody changed since is not taken back") {
  std::string text = npm::add_scripts(package_with({{"migrate", "knex migrate:latest"}}), "p").text;
  text = json::set_texts(text, "scripts", {{"backup", "savepoint snapshot --pin"}});
  const std::string after = npm::remove_scripts(text, "p").text;
  CHECK(after.find("savepoint snapshot --pin") != std::string::npos);
  CHECK(after.find("backup:db") == std::string::npos);
  CHECK(after.find("\"knex migrate:latest\"") != std::string::npos);
}

TEST_CASE("what is no package.json is refused") {
  CHECK_THROWS_AS(npm::add_scripts("[]", "p"), UsageError);
  CHECK_THROWS_AS(npm::add_scripts("{\"scripts\": 5}", "p"), UsageError);
  CHECK_THROWS_AS(npm::add_scripts("{\"scripts\": {}", "p"), UsageError);
  CHECK_THROWS_AS(npm::remove_scripts("no", "p"), UsageError);
  CHECK(npm::add_scripts("{\"scripts\": {\"//\": 5}}", "p").added.size() == 7);
}
