#include "discovery/discovery.hpp"

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

#include <string>

using namespace savepoint;
using discovery::discover;
using discovery::Findings;
using test::TemporaryDirectory;
using test::write_file;

namespace {

/// What is said of a Django project whose settings have one database.
Findings of_django(const std::string& database) {
  const TemporaryDirectory project;
  write_file(project / "manage.py",
             "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site.settings')\n");
  write_file(project / "site/settings.py",
             "DATABASES = {\n    'default': {\n" + database + "    },\n}\n");
  return discover(project.path(), {});
}

} // namespace

TEST_CASE(
    "a Django database whose server stands in a file of the client is named, and not guessed") {
  for (const std::string database :
       {"'ENGINE': 'django.db.backends.postgresql',\n'OPTIONS': {'service': 'shop', 'passfile': "
        "'.pgpass'},\n",
        "'ENGINE': 'django.db.backends.mysql',\n'OPTIONS': {'read_default_file': '/etc/my.cnf'},\n",
        "'ENGINE': 'django.db.backends.mysql',\n'NAME': 'shop',\n"
        "'OPTIONS': {'read_default_file': os.path.join(BASE_DIR, 'my.cnf')},\n"}) {
    CAPTURE(database);
    const Findings findings = of_django(database);
    CHECK(findings.candidates.empty());
    REQUIRE(findings.notes.size() == 1);
    CHECK_THAT(findings.notes[0], Catch::StartsWith("site/settings.py:2 leaves it to a file"));
  }
  const Findings whole =
      of_django("'ENGINE': 'django.db.backends.mysql',\n'NAME': 'shop',\n'HOST': "
                "'127.0.0.1',\n'OPTIONS': {'read_default_file': 'my.cnf'},\n");
  REQUIRE(whole.candidates.size() == 1);
  CHECK(database::display(whole.candidates[0].address) == "mariadb://127.0.0.1/shop");
}

TEST_CASE("a part of a database that is computed is named, and the rest not taken for all") {
  for (const std::string part : {"database: isTest ? 'a' : 'b',",
                                 "database: 'shop', host: local ? 'localhost' : 'db.internal',"}) {
    const TemporaryDirectory project;
    write_file(project / "package.json", R"({"dependencies": {"typeorm": "0.3"}})");
    write_file(project / "src/data-source.ts",
               "export const source = new DataSource({\n  type: 'postgres', username: 'app',\n  " +
                   part + "\n});\n");

    const Findings findings = discover(project.path(), {});

    CAPTURE(part);
    CHECK(findings.candidates.empty());
    CHECK(findings.notes ==
          std::vector<std::string>{
              "src/data-source.ts:3 is computed when the program runs, and was not read"});
  }
}

TEST_CASE("connections that have no scheme are understood, as libpq and Go write them") {
  const TemporaryDirectory project;
  write_file(project / ".env",
             "DATABASE_URL=\"host=localhost user=gorm password=canary dbname=gorm port=9920\"\n"
             "DB_DSN='app:canary@tcp(127.0.0.1:3307)/shop?parseTime=true'\n"
             "DSN=\"host=127.0.0.1 user=x password=canary dbname=third sslmode=disable\"\n"
             "SENTRY_DSN=https://canary@o1.ingest.sentry.io/1\nFEEDBACK_URL=mail\n");

  const Findings findings = discover(project.path(), {});

  std::vector<std::string> addresses;
  for (const discovery::Candidate& candidate : findings.candidates) {
    CHECK(candidate.is_taken);
    CHECK(candidate.address.password.reveal() == "canary");
    addresses.push_back(database::display(candidate.address));
  }
  CHECK(addresses == std::vector<std::string>{"postgres://gorm@localhost:9920/gorm",
                                              "mariadb://app@127.0.0.1:3307/shop",
                                              "postgres://x@127.0.0.1/third"});
  CHECK(findings.notes.empty());
}

TEST_CASE("a variable that should connect to a database and does not is named, without its value") {
  const TemporaryDirectory project;
  write_file(project / ".env", "DATABASE_URL=canary nonsense\nDB_URL=\nSHOP_DB_URI=canary@host\n"
                               "DIESEL_DATABASE_URL=dev.db\nHOMEPAGE_URL=canary\nDB_DSN=canary\n");
  write_file(project / ".env.local", "DB_DSN=postgres://localhost/shop\n");
  write_file(project / ".env.test", "DATABASE_URL=canary\n");
  write_file(project / "dev.db", "");

  const Findings findings = discover(project.path(), {{"OTHER_DATABASE_URL", "canary"}});

  CHECK(findings.notes ==
        std::vector<std::string>{
            "'OTHER_DATABASE_URL' in the environment was passed over: it is no URL that savepoint "
            "knows",
            "'DATABASE_URL' in .env:1 was passed over: it is no URL that savepoint knows",
            "'SHOP_DB_URI' in .env:3 was passed over: it is no URL that savepoint knows"});
}

TEST_CASE("a name of a database whose kind only a framework's file says needs no note") {
  const TemporaryDirectory project;
  write_file(project / ".env", "DB_NAME=shop\nDB_HOST=127.0.0.1\n");
  CHECK(discover(project.path(), {}).notes.size() == 1);

  write_file(project / "manage.py",
             "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n");
  write_file(project / "shop/settings.py",
             "DATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql',\n"
             "    'NAME': os.environ['DB_NAME'], 'HOST': os.environ['DB_HOST']}}\n");
  const Findings findings = discover(project.path(), {});

  CHECK(findings.notes.empty());
  REQUIRE(findings.candidates.size() == 1);
  CHECK(findings.candidates[0].address.database == "shop");
}
