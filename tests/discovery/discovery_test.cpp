#include "discovery/discovery.hpp"

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

#include <filesystem>

#include <pthread.h>

using namespace savepoint;
using discovery::Candidate;
using discovery::discover;
using discovery::Findings;
using discovery::look_up;
using test::TemporaryDirectory;
using test::write_file;

namespace {

/// The one candidate of a project.
Candidate only_one(const TemporaryDirectory& project, const config::Environment& environment = {}) {
  const Findings findings = discover(project.path(), environment);
  REQUIRE(findings.candidates.size() == 1);
  return findings.candidates[0];
}

std::string all_text(const Findings& findings) {
  std::string text;
  for (const Candidate& candidate : findings.candidates) {
    text += discovery::source_of(candidate) + database::display(candidate.address) +
            candidate.reason + "\n";
  }
  for (const std::string& note : findings.notes) {
    text += note + "\n";
  }
  return text;
}

/// Runs `work` in a thread with a stack of 1 MiB, as some systems give every thread.
template <typename Work> void on_a_small_stack(Work work) {
  pthread_attr_t attributes;
  REQUIRE(pthread_attr_init(&attributes) == 0);
  REQUIRE(pthread_attr_setstacksize(&attributes, std::size_t{1} << 20U) == 0);
  pthread_t thread{};
  const auto run = [](void* what) -> void* {
    (*static_cast<Work*>(what))();
    return nullptr;
  };
  REQUIRE(pthread_create(&thread, &attributes, run, &work) == 0);
  REQUIRE(pthread_join(thread, nullptr) == 0);
  pthread_attr_destroy(&attributes);
}

} // namespace

TEST_CASE("the environment of the process wins over files, and both say so") {
  const TemporaryDirectory project;
  write_file(project / ".env", "DATABASE_URL=postgres://localhost/from_file\n");

  const Findings findings =
      discover(project.path(), {{"DATABASE_URL", "postgres://localhost/from_process"}});

  REQUIRE(findings.candidates.size() == 2);
  CHECK(findings.candidates[0].is_taken);
  CHECK(findings.candidates[0].address.database == "from_process");
  CHECK(discovery::source_of(findings.candidates[0]) == "DATABASE_URL in the environment");
  CHECK_FALSE(findings.candidates[1].is_taken);
  CHECK(findings.candidates[1].reason == "overridden by the environment");
}

TEST_CASE("files hold in the order in which Next.js and dotenv load them") {
  const TemporaryDirectory project;
  write_file(project / "package.json", R"({"dependencies": {"next": "14"}})");
  write_file(project / ".env", "DATABASE_URL=postgres://localhost/a\n");
  write_file(project / ".env.development", "DATABASE_URL=postgres://localhost/b\n");
  CHECK(discover(project.path(), {}).candidates[0].address.database == "b");

  write_file(project / ".env.local", "DATABASE_URL=postgres://localhost/c\n");
  CHECK(discover(project.path(), {}).candidates[0].address.database == "c");

  write_file(project / ".env.development.local", "DATABASE_URL=postgres://localhost/d\n");
  const Findings findings = discover(project.path(), {});
  CHECK(findings.candidates[0].address.database == "d");
  CHECK(findings.candidates[1].reason == "overridden by .env.development.local:1");
}

TEST_CASE("what is remote, or looks like production, is listed and not taken") {
  const TemporaryDirectory project;
  write_file(project / ".env", "A_URL=postgres://u:pw@db.example.com/shop\n"
                               "B_URL=postgres://localhost/shop_prod\n"
                               "TEST_DATABASE_URL=postgres://localhost/shop_t\n"
                               "DATABASE_URL_STAGING=postgres://localhost/shop_s\n"
                               "PROD_DATABASE_URL=postgres://localhost/shop_p\n");

  const Findings findings = discover(project.path(), {});

  std::vector<std::string> reasons;
  for (const Candidate& candidate : findings.candidates) {
    CHECK_FALSE(candidate.is_taken);
    reasons.push_back(candidate.reason);
  }
  CHECK(reasons == std::vector<std::string>{"its host is remote", "its name looks like production",
                                            "it is for tests", "it is for another environment",
                                            "it is for production"});
}

TEST_CASE("what is not taken and would be missed is told from what is for others") {
  const TemporaryDirectory project;
  const auto is_missed = [&](const std::string& text) {
    write_file(project / ".env", text + "\n");
    return only_one(project, {}).is_missed;
  };

  CHECK_FALSE(is_missed("DATABASE_URL=postgres://localhost/shop"));
  CHECK(is_missed("DATABASE_URL=postgres://localhost/shop_prod"));
  CHECK(is_missed("DATABASE_URL=postgres://u:pw@db.example.com/shop"));
  CHECK(is_missed("DATABASE_URL=postgres://db/shop"));
  CHECK(is_missed("MONGO_URL=mongodb://localhost/shop"));
  const TemporaryDirectory outside;
  write_file(outside / "app.db", "");
  CHECK(is_missed("DATABASE_URL=sqlite:///" + (outside / "app.db").string()));
  CHECK_FALSE(is_missed("DATABASE_URL=sqlite:////var/lib/no-shop/app.db"));
  CHECK(is_missed("PROD_DATABASE_URL=postgres://db.example.com/a\n"
                  "DATABASE_URL=postgres://db.example.com/a"));
  CHECK_FALSE(is_missed("REDIS_URL=rediss://localhost/1"));
  CHECK_FALSE(is_missed("DATABASE_URL=file:./not-made-yet.db"));
  CHECK_FALSE(is_missed("REDIS_URL=redis://localhost/1"));
  CHECK_FALSE(is_missed("PROD_DATABASE_URL=postgres://localhost/shop_p"));
  CHECK_FALSE(is_missed("TEST_DATABASE_URL=postgres://localhost/shop_t"));
}

TEST_CASE("where the environment says production, nothing is taken") {
  const TemporaryDirectory project;
  write_file(project / ".env", "DATABASE_URL=postgres://localhost/shop\n");

  const Candidate candidate = only_one(project, {{"RAILS_ENV", "production"}});

  CHECK_FALSE(candidate.is_taken);
  CHECK(candidate.reason == "RAILS_ENV is production");
}

TEST_CASE("the same database is listed once, whatever names it has") {
  const TemporaryDirectory project;
  write_file(project / ".env", "DATABASE_URL=postgres://u@localhost/shop\n"
                               "SECOND_URL=postgresql://v@127.0.0.1:5432/shop\n"
                               "THIRD_URL=jdbc:postgresql://[::1]/shop\n"
                               "FOURTH_URL=postgres:///shop?host=/var/run/postgresql\n");

  CHECK(only_one(project).variable == "DATABASE_URL");
}

TEST_CASE("examples supply nothing, and files that nothing loads are only listed") {
  const TemporaryDirectory project;
  write_file(project / ".env.example", "DATABASE_URL=postgres://localhost/example\n");
  write_file(project / ".env.docker", "DATABASE_URL=postgres://localhost/shop\n");
  write_file(project / ".env.vault", "DATABASE_URL=postgres://localhost/vault\n");

  const Candidate candidate = only_one(project);

  CHECK_FALSE(candidate.is_taken);
  CHECK(candidate.reason == "no program reads its file by itself");
}

TEST_CASE("a # in a password is read as the programs do, if that makes a URL, and is noted") {
  const TemporaryDirectory project;
  write_file(project / "package.json", "{}");
  write_file(project / ".env", "DATABASE_URL=postgres://u:p#ss@localhost/shop\n");

  const Findings findings = discover(project.path(), {});

  REQUIRE(findings.candidates.size() == 1);
  CHECK(findings.candidates[0].address.password.reveal() == "p#ss");
  REQUIRE(findings.notes.size() == 1);
  CHECK_THAT(findings.notes[0],
             Catch::Matchers::StartsWith("'DATABASE_URL' in .env:1 can be read"));
}

TEST_CASE("a $ in a password that names no variable is a $") {
  const TemporaryDirectory project;
  write_file(project / ".env", "DATABASE_URL=postgres://u:pa$sword@localhost/shop\n");

  const Findings findings = discover(project.path(), {});

  REQUIRE(findings.candidates.size() == 1);
  CHECK(findings.candidates[0].address.password.reveal() == "pa$sword");
  CHECK(findings.notes.size() == 1);
}

TEST_CASE("a variable that is not set is named, and not taken for empty") {
  const TemporaryDirectory project;
  write_file(project / ".env", "DATABASE_URL=postgres://u:${DB_PASS}@localhost/shop\n");
  write_file(project / "prisma/schema.prisma",
             "datasource db {\n  provider = \"mysql\"\n  url = env(\"OTHER_URL\")\n}\n");

  const Findings findings = discover(project.path(), {});

  CHECK(findings.candidates.empty());
  CHECK(findings.notes ==
        std::vector<std::string>{"prisma/schema.prisma:3 names 'OTHER_URL', which is not set",
                                 "'DATABASE_URL' in .env:1 refers to a variable that is not set: "
                                 "'DB_PASS'"});
}

TEST_CASE("nothing is executed, wherever commands stand") {
  const TemporaryDirectory project;
  const std::string mark = (project / "mark").string();
  write_file(project / "manage.py", "os.system('touch " + mark +
                                        "')\n"
                                        "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 's')\n");
  write_file(project / "s.py", "__import__('os').system('touch " + mark + "')\n");
  write_file(project / "knexfile.js", "require('child_process').execSync('touch " + mark + "')\n");
  write_file(project / "Gemfile", "`touch " + mark + "`\n");
  write_file(project / "config/database.yml",
             "development:\n  adapter: postgresql\n  database: <%= `touch " + mark + "` %>\n");
  write_file(project / "Makefile", "DATABASE_URL := $(shell touch " + mark + ")\n");
  write_file(
      project / "compose.yaml",
      "services:\n  db:\n    image: postgres\n    environment:\n      POSTGRES_DB: $(touch " +
          mark + ")\n");
  for (const char* const name : {".env", ".envrc", ".env.local"}) {
    write_file(project / name, "A_URL=postgres://u:$(touch " + mark +
                                   ")@localhost/shop\nB_URL=`touch " + mark +
                                   "`\nC_URL=\"postgres://`touch " + mark + "`@localhost/d\"\n");
  }

  const Findings findings = discover(project.path(), {});

  CHECK_FALSE(std::filesystem::exists(mark));
  CHECK_THAT(all_text(findings),
             Catch::Matchers::Contains("is the output of a command, which is not run"));
  for (const Candidate& candidate : findings.candidates) {
    CHECK_FALSE(candidate.is_taken);
  }
}

TEST_CASE("SQLite files count where they are, those elsewhere are only listed") {
  const TemporaryDirectory project;
  write_file(project / "data/app.db", "");
  write_file(project / ".env", "DATABASE_URL=sqlite:///data/app.db\n"
                               "CACHE_DB_URL=sqlite:////var/lib/cache.db\n"
                               "UP_DATABASE_URL=file:../up.db\n"
                               "MEMORY_DATABASE_URL=sqlite::memory:\n");

  const Findings findings = discover(project.path(), {});

  REQUIRE(findings.candidates.size() == 3);
  CHECK(findings.candidates[0].is_taken);
  CHECK(findings.candidates[0].address.database == "data/app.db");
  CHECK(findings.candidates[1].reason == "its file is outside of the project");
  CHECK_FALSE(findings.candidates[2].is_taken);
}

TEST_CASE("a .env that is a link to another work tree's counts, folders behind links do not") {
  const TemporaryDirectory project;
  const TemporaryDirectory other;
  write_file(other / ".env", "DATABASE_URL=postgres://localhost/shop\n");
  write_file(other / "prisma/schema.prisma",
             "datasource db {\n  url = \"postgres://localhost/elsewhere\"\n}\n");
  std::filesystem::create_symlink(other / ".env", project / ".env");
  std::filesystem::create_directory_symlink(other / "prisma", project / "prisma");

  CHECK(only_one(project).address.database == "shop");
}

TEST_CASE("large files, binary files, FIFOs and files without rights are passed over") {
  const TemporaryDirectory project;
  write_file(project / ".env", "DATABASE_URL=postgres://localhost/shop\n" +
                                   std::string((std::size_t{1} << 20U) + 1, '#'));
  write_file(project / "knexfile.js", std::string("a\0b", 3));
  REQUIRE(std::system(("mkfifo '" + (project / ".env.local").string() + "'").c_str()) == 0);

  const Findings findings = discover(project.path(), {});

  CHECK(findings.candidates.empty());
  CHECK(findings.notes == std::vector<std::string>{"'.env' was not read: it is larger than 1 MiB",
                                                   "'knexfile.js' was not read: it is no text"});
}

TEST_CASE("variables that are made of each other end") {
  const TemporaryDirectory project;
  std::string text = "V0=postgres://localhost/x\n";
  for (int i = 1; i < 60; ++i) {
    const std::string before = "${V" + std::to_string(i - 1) + "}";
    text += "V" + std::to_string(i) + "=" + before + before + "\n";
  }
  write_file(project / ".env", text + "A_URL=${B_URL}\nB_URL=${A_URL}\n");

  CHECK_NOTHROW(discover(project.path(), {}));
}

TEST_CASE("files of frameworks may be cut off anywhere, or be garbage") {
  const auto fixtures = std::filesystem::path(__FILE__).parent_path() / "fixtures";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(fixtures)) {
    if (!entry.is_regular_file() || entry.file_size() == 0) {
      continue;
    }
    const std::string text = test::read_file(entry.path());
    const auto project_name = *std::filesystem::relative(entry.path(), fixtures).begin();
    const TemporaryDirectory project;
    std::filesystem::copy(fixtures / project_name, project.path(),
                          std::filesystem::copy_options::recursive);
    const auto file =
        project.path() / std::filesystem::relative(entry.path(), fixtures / project_name);
    for (std::size_t length = 0; length < text.size(); length += 1 + text.size() / 40) {
      CAPTURE(file, length);
      std::filesystem::remove(file); // some file systems wait for the disk where one is overwritten
      write_file(file, text.substr(0, length));
      CHECK_NOTHROW(discover(project.path(), {}));

      std::string broken = text;
      for (std::size_t at = length; at < broken.size(); at += 37) {
        broken[at] = "{}[]()\"'`<>%$:#\\\n\r,*&-\xFF"[(at * 7 + length) % 23];
      }
      std::filesystem::remove(file);
      write_file(file, broken);
      CHECK_NOTHROW(discover(project.path(), {}));
    }
  }
}

TEST_CASE("deep nesting of any kind of bracket ends nobody") {
  const TemporaryDirectory project;
  const std::size_t depth = 200'000;
  write_file(project / "knexfile.js", std::string(depth, '{') + std::string(depth, '('));
  write_file(project / "compose.yaml", "services:\n  a: " + std::string(depth, '['));
  write_file(project / "atlas.hcl", std::string(depth, '['));
  std::string dashes = "services:\n";
  for (std::size_t i = 0; i < 5'000; ++i) {
    dashes += "- ";
  }
  write_file(project / "docker-compose.yml", dashes);
  write_file(project / "alembic.ini", "[" + std::string(depth, '.') + "]\na=b\n");

  CHECK_NOTHROW(discover(project.path(), {}));
}

TEST_CASE("settings that refer to one another without end end nobody, however small the stack") {
  const TemporaryDirectory project;
  std::string text = "LAST=x\n";
  for (int i = 0; i < 1'500; ++i) {
    text += "A_URL=\"postgres://$A_URL/b\"\n";
  }
  write_file(project / ".env", text);

  CHECK_NOTHROW(on_a_small_stack([&] { static_cast<void>(discover(project.path(), {})); }));
}

TEST_CASE("a file of a million of anything is looked at to its end") {
  const TemporaryDirectory project;
  const auto repeated = [](std::string_view text) {
    std::string out;
    while (out.size() < 1'000'000) {
      out += text;
    }
    return out;
  };
  write_file(project / "knexfile.js", repeated("/["));
  write_file(project / "ormconfig.js", "a={" + repeated("b:c,"));
  write_file(project / "data-source.js", repeated("const a=a;"));
  write_file(project / "flyway.toml", repeated("[a.b]\nc=d\n"));
  write_file(project / "Makefile", repeated("A=$(B)\n"));
  write_file(project / "compose.yaml", "services:\n" + repeated(" a: {b: c}\n"));
  write_file(project / ".env", repeated("A_URL=\"postgres://$A_URL\n"));

  CHECK_NOTHROW(discover(project.path(), {}));
}

TEST_CASE("what only running a program would tell is said to be so") {
  const TemporaryDirectory project;
  write_file(project / "knexfile.js",
             "module.exports = {\n  client: 'pg',\n  connection: process.env.CI ? "
             "'postgres://localhost/a' : 'postgres://localhost/b',\n};\n");

  const Findings findings = discover(project.path(), {});

  CHECK(findings.candidates.empty());
  CHECK(findings.notes == std::vector<std::string>{
                              "knexfile.js:3 is computed when the program runs, and was not read"});
}

TEST_CASE("aliases in YAML that repeat each other are bounded") {
  const TemporaryDirectory project;
  std::string text = "a0: &a0\n  x: y\n";
  for (int i = 1; i < 40; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + "\n  l: " + before +
            "\n  m: " + before + "\n  n: " + before + "\n";
  }
  write_file(project / "config/database.yml", text);

  CHECK_NOTHROW(discover(project.path(), {}));
}

TEST_CASE("a project that is not there has no databases") {
  const TemporaryDirectory project;

  CHECK(discover(project / "gone", {}).candidates.empty());
}

TEST_CASE("a variable is looked up as the programs of the project see it") {
  const TemporaryDirectory project;
  write_file(project / ".env", "A=1\nB=\"two words\"\n\nC=${A}3\n");
  write_file(project / ".env.local", "A=local\n");
  write_file(project / "apps/web/.env", "A=web\n");

  const auto found = look_up(project.path(), {}, "A", std::nullopt);
  REQUIRE(found);
  CHECK(found->value == "local");
  CHECK(found->file == ".env.local");
  CHECK(found->line == 1);
  CHECK(look_up(project.path(), {{"A", "process"}}, "A", std::nullopt)->value == "process");
  CHECK(look_up(project.path(), {{"A", "process"}}, "A", std::nullopt)->file.empty());
  CHECK(look_up(project.path(), {{"A", "process"}}, "A", "apps/web/.env")->value == "web");
  CHECK(look_up(project.path(), {}, "C", ".env")->value == "13");
  CHECK(look_up(project.path(), {}, "C", ".env")->line == 4);
  CHECK_FALSE(look_up(project.path(), {}, "A", "missing/.env"));
  CHECK_FALSE(look_up(project.path(), {}, "A", "../.env"));
  CHECK_FALSE(look_up(project.path(), {}, "D", std::nullopt));
}
