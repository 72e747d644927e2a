#include "project/scan.hpp"

#include "fs/status.hpp"
#include "support/catch.hpp"
#include "support/scanner.hpp"

#include <algorithm>
#include <fcntl.h>
#include <random>
#include <set>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

using namespace savepoint;
using project::Scan;
using test::Scanner;
using test::status_by_git;
using test::status_of;
using test::TestProject;

namespace {

constexpr std::string_view k_sqlite_magic{"SQLite format 3\0", 16};

std::set<std::string> names(std::initializer_list<std::string> list) {
  return list;
}

} // namespace

TEST_CASE("what git ignores stays out, what it does not ignore is captured") {
  Scanner scanner;
  scanner.test.write(".gitignore", "*.log\n/out/\n!keep.log\n");
  scanner.test.write("a.c", "a");
  scanner.test.write("trace.log", "x");
  scanner.test.write("keep.log", "x");
  scanner.test.write("out/a.o", "x");
  scanner.test.write("lib/.gitignore", "*.tmp\n");
  scanner.test.write("lib/b.c", "b");
  scanner.test.write("lib/b.tmp", "x");
  scanner.test.write("lib/out/c.c", "c");
  scanner.test.write("secret.txt", "x");
  scanner.test.write(".git/info/exclude", "secret.txt\n");
  std::filesystem::create_directories(scanner.test.root() / "empty");

  const Scan scan = scanner.scan_and_seal();

  CHECK(scanner.paths(scan) == names({".gitignore", "a.c", "keep.log", "lib", "lib/.gitignore",
                                      "lib/b.c", "lib/out", "lib/out/c.c", "empty"}));
  CHECK(scan.code.files == 6);
}

TEST_CASE("a tracked file is captured although it is ignored") {
  Scanner scanner;
  scanner.test.write("gen/kept.c", "kept");
  scanner.test.write("gen/other.c", "other");
  scanner.test.git("add gen/kept.c");
  scanner.test.write(".gitignore", "gen/\n");

  CHECK(scanner.paths(scanner.scan_and_seal()) == names({".gitignore", "gen", "gen/kept.c"}));

  scanner.test.git("add -f gen/other.c"); // tracked from now on: the cache must notice
  CHECK(scanner.paths(scanner.scan_and_seal()) ==
        names({".gitignore", "gen", "gen/kept.c", "gen/other.c"}));
}

TEST_CASE("include and exclude of the config have the last word") {
  Scanner scanner;
  scanner.test.write(".gitignore", "uploads/\nvar/\n");
  scanner.test.write(
      "savepoint.json",
      R"({"include": ["uploads/", "var/keep/*.bin"], "exclude": ["*.iso", "big/"]})");
  scanner.test.write("uploads/deep/a.png", "a");
  scanner.test.write("var/keep/x.bin", "x");
  scanner.test.write("var/drop/y.bin", "y");
  scanner.test.write("disk.iso", "iso");
  scanner.test.write("big/file", "big");
  scanner.test.git("add disk.iso");

  const auto paths = scanner.paths(scanner.scan_and_seal());

  CHECK(paths.count("uploads/deep/a.png") == 1);
  CHECK(paths.count("var/keep/x.bin") == 1);
  CHECK(paths.count("var/drop/y.bin") == 0);
  CHECK(paths.count("disk.iso") == 0);
  CHECK(paths.count("big") == 0);
}

TEST_CASE("an unchanged project is not read again and has the same trees") {
  Scanner scanner;
  for (int i = 0; i < 50; ++i) {
    scanner.test.write("d" + std::to_string(i % 7) + "/f" + std::to_string(i),
                       "content " + std::to_string(i));
  }
  scanner.test.commit_all();
  const Scan first = scanner.scan_and_seal();
  CHECK(scanner.chunks_read == 50);

  const Scan second = scanner.scan_and_seal();

  CHECK(scanner.chunks_read == 0);
  CHECK(second.unchanged);
  CHECK(second.code.tree == first.code.tree);
  CHECK(second.code.files == 50);
  CHECK_FALSE(second.git->dirty());
}

TEST_CASE("whatever changes in a file is seen, and only that is read") {
  Scanner scanner;
  scanner.test.write("a", "aaaa");
  scanner.test.write("sub/b", "bbbb");
  scanner.test.write("sub/c", "cccc");
  const Scan before = scanner.scan_and_seal();

  SECTION("other bytes of the same length") {
    scanner.test.write("sub/b", "BBBB");
    const Scan after = scanner.scan_and_seal();
    CHECK(scanner.chunks_read == 1);
    CHECK(scanner.content(after, "sub/b") == "BBBB");
  }
  SECTION("its mode") {
    std::filesystem::permissions(scanner.test.root() / "sub/b", std::filesystem::perms(0700));
    CHECK(scanner.entry(scanner.scan_and_seal(), "sub/b").mode == 0700);
  }
  SECTION("its time") {
    std::filesystem::last_write_time(scanner.test.root() / "a",
                                     std::filesystem::file_time_type::clock::now() -
                                         std::chrono::hours(5));
    CHECK(scanner.scan_and_seal().code.state != before.code.state);
  }
  SECTION("a new one beside it") {
    scanner.test.write("sub/d", "d");
    CHECK(scanner.paths(scanner.scan_and_seal()) == names({"a", "sub", "sub/b", "sub/c", "sub/d"}));
  }
  SECTION("it is gone") {
    std::filesystem::remove(scanner.test.root() / "sub/b");
    CHECK(scanner.paths(scanner.scan_and_seal()) == names({"a", "sub", "sub/c"}));
  }
  SECTION("it became a directory") {
    std::filesystem::remove(scanner.test.root() / "a");
    scanner.test.write("a/inner", "x");
    CHECK(scanner.paths(scanner.scan_and_seal()) ==
          names({"a", "a/inner", "sub", "sub/b", "sub/c"}));
  }
}

TEST_CASE("a temporary file that came and went changes no state") {
  Scanner scanner;
  scanner.test.write("sub/a", "a");
  const Scan before = scanner.scan_and_seal();
  scanner.test.write("sub/.a.swp", "x");
  std::filesystem::remove(scanner.test.root() / "sub/.a.swp");

  const Scan after = scanner.scan_and_seal();

  CHECK(after.code.state == before.code.state);
}

TEST_CASE("a file changed in the moment of the scan is read again by the next one") {
  Scanner scanner;
  scanner.test.clock.shift(std::chrono::seconds(0));
  scanner.test.write("a", "1111");
  scanner.scan_and_seal();

  scanner.test.clock.shift(std::chrono::seconds(10));
  scanner.scan_and_seal();
  CHECK(scanner.chunks_read == 1);

  scanner.scan_and_seal();
  CHECK(scanner.chunks_read == 0);
}

TEST_CASE("a lost or damaged stat cache costs time and nothing else") {
  Scanner scanner;
  for (int i = 0; i < 20; ++i) {
    scanner.test.write("d" + std::to_string(i % 3) + "/f" + std::to_string(i), std::to_string(i));
  }
  const Scan before = scanner.scan_and_seal();
  std::filesystem::path cache;
  for (const auto& file : std::filesystem::directory_iterator(scanner.test.store() / "cache")) {
    if (file.path().extension() == ".stat") {
      cache = file.path();
    }
  }
  const std::string bytes = test::read_file(cache);

  SECTION("deleted") {
    std::filesystem::remove(cache);
  }
  SECTION("cut") {
    test::write_file(cache, bytes.substr(0, bytes.size() / 2));
  }
  SECTION("empty") {
    test::write_file(cache, "");
  }
  SECTION("flipped") {
    for (std::size_t at = 0; at < bytes.size(); at += 97) {
      CAPTURE(at);
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ 0x40);
      test::write_file(cache, damaged);
      CHECK(scanner.scan_and_seal().code.tree == before.code.tree);
    }
  }

  CHECK(scanner.scan_and_seal().code.tree == before.code.tree);
}

TEST_CASE("what a removed snapshot held is stored again") {
  Scanner scanner;
  scanner.test.write("a", "the only copy");
  scanner.scan_and_seal();
  std::filesystem::remove_all(scanner.test.store() / "manifests");
  std::filesystem::remove_all(scanner.test.store() / "packs");
  std::filesystem::remove(scanner.test.store() / "catalog.db");
  scanner.store = store::Store::open_or_create(scanner.test.store());

  const Scan again = scanner.scan_and_seal();

  CHECK(scanner.content(again, "a") == "the only copy");
}

TEST_CASE("links, pipes, holes and odd names are captured as what they are") {
  Scanner scanner;
  const auto& root = scanner.test.root();
  scanner.test.write("file", "file");
  std::filesystem::create_hard_link(root / "file", root / "same");
  std::filesystem::create_symlink("nowhere/at all", root / "dangling");
  std::filesystem::create_symlink("/etc/passwd", root / "absolute");
  REQUIRE(mkfifo((root / "pipe").c_str(), 0640) == 0);
  const std::string odd = "line\nbreak \xff\xfe";
  scanner.test.write(odd, "odd");
  scanner.test.shell("truncate -s 50G sparse && printf end | dd of=sparse bs=1 seek=40000000000 "
                     "conv=notrunc status=none");

  const Scan scan = scanner.scan_and_seal();

  CHECK(scanner.entry(scan, "dangling").target == "nowhere/at all");
  CHECK(scanner.entry(scan, "absolute").target == "/etc/passwd");
  CHECK(scanner.entry(scan, "pipe").kind == store::EntryKind::fifo);
  CHECK(scanner.content(scan, odd) == "odd");
  CHECK(scanner.entry(scan, "sparse").content.size == std::uint64_t{50} << 30U);
  CHECK(scanner.chunks_read < 10);
  REQUIRE(scan.code.hard_links);
  CHECK(store::get_hard_links(scanner.store, *scan.code.hard_links) ==
        store::HardLinks{{"file", "same"}});
}

TEST_CASE("a socket is named and left out") {
  Scanner scanner;
  scanner.test.write("a", "a");
  const int server = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = (scanner.test.root() / "s").string();
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  REQUIRE(bind(server, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);

  const Scan scan = scanner.scan_and_seal();
  close(server);

  REQUIRE(scan.left_out.size() == 1);
  CHECK(scan.left_out[0].path == "s");
  CHECK_FALSE(scan.left_out[0].is_error);
}

TEST_CASE("extended attributes are kept, also when only a neighbour changed") {
  Scanner scanner;
  scanner.test.write("a", "a");
  scanner.test.write("b", "b");
  scanner.test.shell("setfattr -n user.colour -v red a");
  scanner.scan_and_seal();
  scanner.test.write("b", "B");

  const Scan after = scanner.scan_and_seal();

  CHECK(scanner.entry(after, "a").attributes == store::Attributes{{"user.colour", "red"}});
}

TEST_CASE("databases are recognised by their first bytes and never captured as files") {
  Scanner scanner;
  const std::string image = std::string(k_sqlite_magic) + std::string(4080, '\0');
  scanner.test.write(".gitignore", "*.db\ndata/\nnode_modules/\n");
  scanner.test.write("plain name", image);
  scanner.test.write("plain name-wal", "wal");
  scanner.test.write("plain name-journal", "journal");
  scanner.test.write("dev.db", image);
  scanner.test.write("text.db", "not one");
  scanner.test.write("data/app.sqlite3", image);
  scanner.test.write("node_modules/x/fixture.db", image);
  scanner.test.write("other-wal", "nobody's");

  const Scan scan = scanner.scan_and_seal();

  std::vector<std::string> found;
  for (const auto& database : scan.databases) {
    found.push_back(database.path);
  }
  CHECK(found == std::vector<std::string>{"data/app.sqlite3", "dev.db", "plain name"});
  CHECK(scanner.paths(scan) == names({".gitignore", "other-wal"}));

  CHECK(scanner.scan_and_seal().databases.size() == 3); // from the cache as well
  const Scan as_file = scanner.scan_and_seal({"plain name"});
  CHECK(scanner.content(as_file, "plain name") == image);
}

TEST_CASE("config files are listed by digest and keys, and are not code") {
  Scanner scanner;
  scanner.test.write(".gitignore", ".env*\n!.env.example\n");
  scanner.test.write(".env", "DATABASE_URL=postgres://u:secret@h/db\nexport PORT = 80\n");
  scanner.test.write(".env.example", "DATABASE_URL=\n");
  scanner.test.write("apps/web/.env.local", "TOKEN='a\nb'\n");
  scanner.test.write("package.json", "{}");

  const Scan scan = scanner.scan_and_seal();

  CHECK(scanner.paths(scan) ==
        names({".env.example", ".gitignore", "apps", "apps/web", "package.json"}));
  REQUIRE(scan.config.files.size() == 3);
  CHECK(scan.config.files[0].path == ".env");
  CHECK(scan.config.files[0].keys == std::vector<std::string>{"DATABASE_URL", "PORT"});
  CHECK(scan.config.files[1].path == "apps/web/.env.local");
  CHECK(scan.config.files[1].keys == std::vector<std::string>{"TOKEN"});
  CHECK(scan.config.files[2].path == "package.json");
  CHECK(scan.config.files[2].in_code);
  REQUIRE(scan.config.tree);
  CHECK(store::find_path(scanner.store, *scan.config.tree, "apps/web/.env.local"));
}

TEST_CASE("with secrets kept out, only keys reach the store") {
  Scanner scanner;
  scanner.test.write("savepoint.json", R"({"secrets": "keys-only"})");
  scanner.test.write(".gitignore", ".env\n");
  scanner.test.write(".env", "API_KEY=canary-value\n");

  const Scan scan = scanner.scan_and_seal();

  CHECK_FALSE(scan.config.tree);
  REQUIRE(!scan.config.files.empty());
  CHECK(scan.config.files[0].keys == std::vector<std::string>{"API_KEY"});
  CHECK_FALSE(scan.config.files[0].stored);
  CHECK(scanner.chunks_read == 2); // savepoint.json and .gitignore
}

TEST_CASE("git status is what git says, through any sequence of changes") {
  Scanner scanner;
  TestProject& test = scanner.test;
  test.write(".gitignore", "*.o\nignored/\n");
  for (int i = 0; i < 12; ++i) {
    test.write("d" + std::to_string(i % 3) + "/f" + std::to_string(i), std::to_string(i));
  }
  test.commit_all();
  std::mt19937 random(7);
  const auto pick = [&](int below) {
    return static_cast<int>(random() % static_cast<unsigned>(below));
  };
  const auto file = [&] {
    const int i = pick(14);
    return "d" + std::to_string(i % 4) + "/f" + std::to_string(i);
  };
  for (int step = 0; step < 60; ++step) {
    CAPTURE(step);
    switch (pick(9)) {
    case 0:
    case 1:
      test.write(file(), "changed " + std::to_string(step));
      break;
    case 2:
      std::filesystem::remove(test.root() / file());
      break;
    case 3:
      test.git("add -A");
      break;
    case 4:
      test.write("new" + std::to_string(pick(3)) + "/deep/x" + std::to_string(step), "new");
      break;
    case 5:
      test.commit_all();
      break;
    case 6:
      test.shell("chmod a+x '" + file() + "' 2>/dev/null; true");
      break;
    case 7:
      test.git("rm -q -r --cached --ignore-unmatch d" + std::to_string(pick(4)));
      break;
    default:
      test.shell("rm -rf d" + std::to_string(pick(4)) + " && git checkout -q -- . || true");
      break;
    }
    const Scan scan = scanner.scan_and_seal();
    const test::Status ours = status_of(scan);
    const test::Status theirs = status_by_git(test);
    CHECK(ours.staged == theirs.staged);
    CHECK(ours.unstaged == theirs.unstaged);
    CHECK(ours.untracked == theirs.untracked);
    CHECK(scanner.scan_afresh().code.tree == scan.code.tree);
  }
}

TEST_CASE("a scan leaves git's index as it is") {
  Scanner scanner;
  scanner.test.write("a", "a");
  scanner.test.commit_all();
  scanner.test.shell("touch a");
  const std::string before = scanner.test.shell("sha256sum .git/index; stat -c %y .git/index");

  scanner.scan_and_seal();

  CHECK(scanner.test.shell("sha256sum .git/index; stat -c %y .git/index") == before);
}

TEST_CASE("a project without git leaves out what can be made again") {
  Scanner scanner;
  std::filesystem::remove_all(scanner.test.root() / ".git");
  scanner.test.write("src/a.js", "a");
  scanner.test.write("node_modules/x/index.js", "x");
  scanner.test.write("sub/dist/b.js", "b");
  scanner.test.write("npm.log", "l");
  scanner.test.write(".env", "A=1\n");

  const Scan scan = scanner.scan_and_seal();

  CHECK(scanner.paths(scan) == names({"src", "src/a.js", "sub"}));
  CHECK_FALSE(scan.git);
  CHECK(scan.config.files.size() == 1);
}

TEST_CASE("a file that becomes code or config is captured as what it is now") {
  Scanner scanner;
  scanner.test.write(".gitignore", ".env\n");
  scanner.test.write(".env", "K=1\n");
  scanner.test.commit_all();
  scanner.scan_and_seal();

  scanner.test.git("add -f .env");
  CHECK(scanner.content(scanner.scan_and_seal(), ".env") == "K=1\n");

  scanner.test.git("rm -q --cached .env");
  const Scan again = scanner.scan_and_seal();
  CHECK(scanner.paths(again) == names({".gitignore"}));
  CHECK(again.config.files.size() == 1);
}
