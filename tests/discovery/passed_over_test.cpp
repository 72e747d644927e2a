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
