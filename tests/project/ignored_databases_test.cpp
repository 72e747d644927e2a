#include "support/catch.hpp"
#include "support/scanner.hpp"

#include <algorithm>
#include <cstdio>

using namespace savepoint;
using project::Scan;
using test::database_paths;
using test::left_out;
using test::Scanner;

namespace {

const std::string k_image =
    std::string("SQLite format 3\0", 16) + std::string(std::size_t{4080}, '\0');

using Paths = std::vector<std::string>;

void fill(const Scanner& scanner, const std::string& folder, int names) {
  scanner.test.shell("mkdir -p '" + folder + "' && cd '" + folder + "' && seq -f 'n%06.0f' " +
                     std::to_string(names) + " | xargs touch");
}

} // namespace

TEST_CASE("an ignored database that cannot be opened is named, and looked at again") {
  Scanner scanner;
  scanner.test.write(".gitignore", "*.db\ndata/\n");
  scanner.test.write("dev.db", k_image);
  scanner.test.write("data/app.db", k_image);
  scanner.without_privileges = true;
  scanner.test.shell("chmod 000 dev.db data/app.db");

  for (int time = 0; time < 2; ++time) {
    CAPTURE(time);
    const Scan scan = scanner.scan_and_seal();
    for (const char* const path : {"dev.db", "data/app.db"}) {
      CAPTURE(path);
      REQUIRE(left_out(scan, path));
      CHECK(left_out(scan, path)->reason.find("cannot be read") == 0);
      CHECK(left_out(scan, path)->is_error);
    }
  }

  scanner.without_privileges = false; // nothing changed in the files themselves
  CHECK(database_paths(scanner.scan_and_seal()) == Paths{"data/app.db", "dev.db"});
}

TEST_CASE("a settings file in an ignored folder is named, and taken in where that is asked for") {
  Scanner scanner;
  scanner.test.write(".gitignore", "local/\n.env*\n");
  scanner.test.write("local/deeper/.env", "SECRET=1\n");

  const Scan scan = scanner.scan_and_seal();

  REQUIRE(left_out(scan, "local/deeper/.env"));
  CHECK_FALSE(left_out(scan, "local/deeper/.env")->is_error);
  scanner.test.write("savepoint.json", R"({"include": ["local/deeper/.env"]})");
  const Scan asked = scanner.scan_and_seal();
  CHECK_FALSE(left_out(asked, "local/deeper/.env"));
}

TEST_CASE("a database is found again whatever git does and whatever rules change") {
  Scanner scanner;
  scanner.test.write(".gitignore", GENERATE("*.db\n", "*.log\n"));
  scanner.test.write("ignored.log", "x");
  scanner.test.write("file", "1");
  scanner.test.commit_all();
  scanner.test.write("dev.db", k_image);
  REQUIRE(database_paths(scanner.scan_and_seal()) == Paths{"dev.db"});

  scanner.test.shell(GENERATE(as<std::string>(), "echo 2 > file; git commit -q -a -m two",
                              "git switch -q -c other", "echo other >> .gitignore",
                              "echo other >> .git/info/exclude", "rm .gitignore",
                              "git add -f dev.db", "touch new"));

  CHECK(database_paths(scanner.scan_and_seal()) == Paths{"dev.db"});
  CHECK(database_paths(scanner.scan_and_seal()) == Paths{"dev.db"});
}

TEST_CASE("an ignored file that turns out to be no database is captured as a file") {
  Scanner scanner;
  scanner.test.write(".gitignore", "*.db\n/data/\n");
  const std::string path =
      GENERATE(as<std::string>(), "dev.db", "data/dev.db", "data/deeper/still/dev.db");
  CAPTURE(path);
  scanner.test.write(path, k_image);
  scanner.test.write("data/cache", "not asked for");
  scanner.test.write("data/other/app.db", k_image);
  CHECK(database_paths(scanner.scan_and_seal()).size() == 2);

  const Scan scan = scanner.scan_and_seal({path});

  CHECK(database_paths(scan) == Paths{"data/other/app.db"});
  CHECK(scanner.content(scan, path) == k_image);
  CHECK_FALSE(scanner.paths(scan).contains("data/cache"));
  CHECK(scanner.content(scanner.scan_and_seal(), path) == k_image);
}

TEST_CASE("a configured database of any name that turns out to be none is captured as a file") {
  Scanner scanner;
  scanner.test.write(".gitignore", "state\n");
  scanner.test.write("state", k_image);
  static_cast<void>(scanner.scan_and_seal());
  static_cast<void>(scanner.scan_and_seal());

  const Scan scan = scanner.scan_and_seal({"state"});

  CHECK(scanner.content(scan, "state") == k_image);
}

TEST_CASE("a heap of files in one ignored folder hides no database in another") {
  Scanner scanner;
  scanner.test.write(".gitignore", "/heap*/\n/data/\n");
  fill(scanner, "heap", 6000);
  fill(scanner, "heap2", 6000);
  scanner.test.write("data/app.db", k_image);
  scanner.test.write("heap/zz/late.db", k_image);

  const Scan scan = scanner.scan_and_seal();

  CHECK(database_paths(scan) == Paths{"data/app.db"});
  REQUIRE(left_out(scan, "heap"));
  CHECK(left_out(scan, "heap")->reason.find("5000") != std::string::npos);
  CHECK_FALSE(left_out(scan, "heap")->is_error);
  CHECK(left_out(scan, "heap2"));
  CHECK_FALSE(left_out(scan, "data"));
}

TEST_CASE("looking around without reading finds what reading finds") {
  Scanner scanner;
  scanner.test.write(".gitignore", "*.db\ndata/\n.env\n");
  scanner.test.write("text", "text");
  scanner.test.write("large", std::string(2'000'000, 'x'));
  scanner.test.write("plain name", k_image);
  scanner.test.write("plain name-wal", "wal");
  scanner.test.write("data/app.db", k_image);
  scanner.test.write(".env", "A=1\n");
  scanner.reading = project::Reading::names;

  const Scan scan = scanner.scan_afresh();

  CHECK(scan.code.files == 3);
  CHECK(scan.code.bytes > 2'000'000);
  CHECK(database_paths(scan) == Paths{"data/app.db", "plain name"});
  CHECK(scan.config.files.size() == 1);
  CHECK(scanner.chunks_read == 1); // .env
}

TEST_CASE("the same databases are found in an ignored folder at every scan") {
  Scanner scanner;
  scanner.test.write(".gitignore", "/data/\n");
  for (int i = 0; i < 40; ++i) {
    fill(scanner, "data/d" + std::to_string(10 + i), 300);
    scanner.test.write("data/d" + std::to_string(10 + i) + "/zz.db", k_image);
  }
  const Paths first = database_paths(scanner.scan_and_seal());

  CHECK(first.size() > 5);
  CHECK(std::ranges::is_sorted(first));
  CHECK(first.front() == "data/d10/zz.db"); // from the front, in the order of names
  CHECK(database_paths(scanner.scan_afresh()) == first);
}

TEST_CASE("what of an ignored folder was not searched is named") {
  Scanner scanner;
  scanner.test.write(".gitignore", "/data/\n/closed/\n");
  scanner.test.write("data/1/2/3/4/5/seen.db", k_image);
  scanner.test.write("data/1/2/3/4/5/6/deep.db", k_image);
  scanner.test.write("data/private/app.db", k_image);
  scanner.test.write("closed/app.db", k_image);
  scanner.without_privileges = true;
  scanner.test.shell("chmod 000 data/private closed");

  const Scan scan = scanner.scan_and_seal();
  scanner.test.shell("chmod 700 data/private closed");

  CHECK(database_paths(scan) == Paths{"data/1/2/3/4/5/seen.db"});
  REQUIRE(left_out(scan, "data/1/2/3/4/5/6"));
  CHECK(left_out(scan, "data/1/2/3/4/5/6")->reason.find("deep") != std::string::npos);
  for (const char* const path : {"data/private", "closed"}) {
    CAPTURE(path);
    REQUIRE(left_out(scan, path));
    CHECK(left_out(scan, path)->reason.find("Permission denied") != std::string::npos);
    CHECK_FALSE(left_out(scan, path)->is_error); // such as the data of a server in a container
  }
}
