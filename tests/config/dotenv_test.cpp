#include "config/dotenv.hpp"

#include "support/catch.hpp"

using namespace savepoint;
using config::dotenv_keys;
using config::is_dotenv_name;
using config::is_known_config_file;
using Keys = std::vector<std::string>;

TEST_CASE("the keys of a .env file are found in their order, each once") {
  CHECK(dotenv_keys("B=1\nA=2\nB=3\n") == Keys{"B", "A"});
  CHECK(dotenv_keys("").empty());
  CHECK(dotenv_keys("A=1") == Keys{"A"});
}

TEST_CASE("every common way to write a setting is understood") {
  CHECK(dotenv_keys("export A=1\nexport\tB=2\n") == Keys{"A", "B"});
  CHECK(dotenv_keys("  A = 1\n\tB= 2\nC =\n") == Keys{"A", "B", "C"});
  CHECK(dotenv_keys("A: 1\nB.c-d_9=2\n_x=3") == Keys{"A", "B.c-d_9", "_x"});
  CHECK(dotenv_keys("export=1\nexported=2\nexport = 3\n") == Keys{"export", "exported"});
  CHECK(dotenv_keys("\xEF\xBB\xBF"
                    "A=1\r\nB=2\r\n") == Keys{"A", "B"});
  CHECK(dotenv_keys("A=1\rB=2\r") == Keys{"A", "B"});
}

TEST_CASE("what is no setting is passed over") {
  CHECK(dotenv_keys("# A=1\n  # B=2\n\n=3\n9C=4\nD\nexport E\nhttp://f=g\n-H=1\nI J=1\n").empty());
  CHECK(dotenv_keys("A=1 # B=2\nC=3") == Keys{"A", "C"});
  CHECK(dotenv_keys("A='1' # it's\nB=2") == Keys{"A", "B"});
}

TEST_CASE("nothing inside a value is taken for a key") {
  CHECK(dotenv_keys("A=\"one\nX=2\n\"\nB=3") == Keys{"A", "B"});
  CHECK(dotenv_keys("A='one\nX=2\n'\nB=3") == Keys{"A", "B"});
  CHECK(dotenv_keys("A=`one\nX=2\n`\nB=3") == Keys{"A", "B"});
  CHECK(dotenv_keys("A=\"one \\\"\nX=2\n\"\nB=3") == Keys{"A", "B"});
  CHECK(dotenv_keys("A='C:\\'\nB='3'") == Keys{"A", "B"});
  CHECK(dotenv_keys("A=b=c\nB=x\"y\nC=3\"") == Keys{"A", "B", "C"});
}

TEST_CASE("a quote that is never closed ends with its line") {
  CHECK(dotenv_keys("A=\"one\nB=2") == Keys{"A", "B"});
  CHECK(dotenv_keys("A=\"one\\") == Keys{"A"});
}

TEST_CASE("no line of a private key is taken for a key, quoted or not") {
  const std::string pem = "-----BEGIN PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\nlastLine=\nQUJD==\n"
                          "-----END PRIVATE KEY-----";

  CHECK(dotenv_keys("A=" + pem + "\nB=1") == Keys{"A", "B"});
  CHECK(dotenv_keys("A=\"" + pem + "\"\nB=1") == Keys{"A", "B"});
  CHECK(dotenv_keys("A=\"" + pem + "\nB=1") == Keys{"A", "B"});
  CHECK(dotenv_keys(pem + "\nB=1") == Keys{"B"});
  CHECK(dotenv_keys("A=-----BEGIN X-----\nlastLine=\n") == Keys{"A"});
}

TEST_CASE("any bytes are a .env file") {
  std::string bytes;
  for (int i = 0; i < 4096; ++i) {
    bytes += static_cast<char>((i * 167 + i / 7) % 256);
    CHECK_NOTHROW(dotenv_keys(bytes));
  }
}

TEST_CASE("files with settings of the environment are known by name, examples are not") {
  for (const char* const name : {".env", ".env.local", ".env.production.local", ".envrc"}) {
    CAPTURE(name);
    CHECK(is_dotenv_name(name));
  }
  for (const char* const name :
       {".env.example", ".env.sample", ".env.template", ".env.dist", ".env.local.example",
        ".environment", "env", "a.env", ".envy", ".envrc.local"}) {
    CAPTURE(name);
    CHECK_FALSE(is_dotenv_name(name));
  }
}

TEST_CASE("well-known configuration files are known at the root and in packages") {
  for (const char* const path :
       {"package.json", "apps/web/package.json", "packages/@scope/ui/package.json", "tsconfig.json",
        "tsconfig.build.json", "next.config.mjs", "Dockerfile", "Dockerfile.dev",
        "docker-compose.yml", "docker-compose.prod.yaml", "compose.yaml", "Makefile",
        "requirements.txt", "requirements-dev.txt", "config/database.yml",
        "apps/shop/config/database.yml", ".eslintrc", ".eslintrc.json", "savepoint.json"}) {
    CAPTURE(path);
    CHECK(is_known_config_file(path));
  }
  for (const char* const path :
       {"package-lock.json", "a/b/c/d/package.json", "node_modules/x/package.json",
        "vendor/x/composer.json", "src/Makefile", "drivers/net/Makefile", "src/package.json.ts",
        "tsconfig", "docker-compose.md", "database.yml", "myconfig/database.yml", "next.config",
        "package.json/x", ""}) {
    CAPTURE(path);
    CHECK_FALSE(is_known_config_file(path));
  }
}
