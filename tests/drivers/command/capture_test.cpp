#include "workbench.hpp"

#include "hash/sha256.hpp"
#include "support/catch.hpp"

using namespace savepoint;
using namespace std::string_literals;
using test::CommandWorkbench;
using test::Complaint;
using test::complaint_of;

namespace {

Complaint complaint_about(const CommandWorkbench& bench, const std::string& dump) {
  return complaint_of<DatabaseError>([&] { static_cast<void>(bench.capture(bench.target(dump))); });
}

} // namespace

TEST_CASE("the image of a command's database is what its dump command writes") {
  const CommandWorkbench bench;
  const std::string content = "a\0b\nc"s + std::string(200'000, 'x');
  test::write_file(bench / "data", content);

  const auto image = bench.capture(bench.target());

  CHECK(as_text(image.bytes) == content);
  CHECK(image.component.driver == "command");
  CHECK(image.component.size == content.size());
  CHECK(image.component.details.at("sha256").as_string() == hash::sha256(as_bytes(content)).hex());
  CHECK(bench.capture(bench.target()).component.details == image.component.details);
  CHECK(std::filesystem::is_empty(bench.scratch()));
}

TEST_CASE("a dump command runs in the project, with the environment of the target, by the shell") {
  CommandWorkbench bench;
  bench.environment["SHOP"] = "two words";

  const auto image = bench.capture(bench.target(R"(pwd && echo "$SHOP" | tr a-z A-Z)"));

  CHECK(as_text(image.bytes) == (bench / "").parent_path().native() + "\nTWO WORDS\n");
}

TEST_CASE("in a hook of git, a command does not see the repository that git is at work in") {
  CommandWorkbench bench;
  bench.environment["GIT_DIR"] = "/elsewhere";
  bench.environment["GIT_INDEX_FILE"] = "/elsewhere/index";
  bench.environment["GIT_AUTHOR_NAME"] = "me";

  CHECK(as_text(bench.capture(bench.target("env | grep ^GIT_")).bytes) == "GIT_AUTHOR_NAME=me\n");
}

TEST_CASE("a dump command cannot ask anything, and reads nothing") {
  const CommandWorkbench bench;

  CHECK(as_text(bench.capture(bench.target("cat; echo done")).bytes) == "done\n");
}

TEST_CASE("a dump that failed is no success, whatever was written before") {
  const CommandWorkbench bench;

  const auto [dump, message] = GENERATE(table<std::string, std::string>({
      {"echo half; echo 'first line' >&2; echo 'cannot connect' >&2; exit 3",
       "the 'dump' command of 'cache' failed with exit code 3: cannot connect"},
      {"echo half; exit 1", "the 'dump' command of 'cache' failed with exit code 1"},
      {"echo half; kill -KILL $$", "the 'dump' command of 'cache' was ended by signal 9"},
      {"echo half; echo 'a \033[2K b' >&2; echo >&2; exit 1",
       "the 'dump' command of 'cache' failed with exit code 1: a \\x1b[2K b"},
  }));

  CHECK(complaint_about(bench, dump).message == message);
}

TEST_CASE("a dump without a byte is no success, even if the command says so") {
  const CommandWorkbench bench;

  const Complaint complaint = complaint_about(bench, "echo 'all is well' >&2; exit 0");

  CHECK(complaint.message ==
        "the 'dump' command of 'cache' ended without an error and without a single byte");
  CHECK(complaint.hint == "it has to write the database to its standard output");
}

TEST_CASE("a dump tool that is not installed is named as what is missing") {
  const CommandWorkbench bench;

  const Complaint complaint = complaint_about(bench, "no-such-tool --all");

  CHECK(complaint.message.starts_with("the 'dump' command of 'cache' failed with exit code 127: "));
  CHECK(complaint.hint == "a program that it names is not installed, or not in PATH");
}

TEST_CASE("a dump is ended when the snapshot is") {
  const CommandWorkbench bench;
  Cancellation wish;
  wish.request();
  const auto capture = bench.driver().open_capture(
      bench.target("echo a; sleep 1000"), bench.scratch(), std::chrono::milliseconds(100), wish);
  Bytes piece(10);

  CHECK_THROWS_AS(capture->read(piece), Cancelled);
}

TEST_CASE("no secret is in what is said about a command that failed") {
  CommandWorkbench bench;
  const std::string canary = "hunter2-canary";
  bench.environment["DB_PASSWORD"] = canary;
  bench.environment["DATABASE_URL"] = "mongodb://app:c4n4ry/x@db.example/shop";

  const std::string line = GENERATE(
      as<std::string>(), "cannot log in with hunter2-canary",
      "mongodb://app:other-canary@db/shop: refused", "no: mongodb://app:c4n4ry/x@db.example/shop",
      "bad password=other-canary; giving up", "bad PASSWORD: other-canary",
      "--token other-canary=", "pw was c4n4ry/x", "secret_key = other-canary");
  const Complaint complaint = complaint_about(bench, "echo x; echo '" + line + "' >&2; exit 1");

  CAPTURE(complaint.message);
  if (line.find("--token") == std::string::npos) { // nothing says that this is one
    CHECK(complaint.message.find("***") != std::string::npos);
    CHECK(complaint.message.find("canary") == std::string::npos);
    CHECK(complaint.message.find("c4n4ry") == std::string::npos);
  }
  CHECK(complaint.hint.find("canary") == std::string::npos);
}

TEST_CASE("what a program says is shown as it is where there is no secret in it") {
  CommandWorkbench bench;
  bench.environment["KEY"] = "us";

  CHECK(complaint_about(bench,
                        "echo 'http://localhost:5984/_all: password check failed, must' >&2; "
                        "exit 1")
            .message ==
        "the 'dump' command of 'cache' failed with exit code 1: http://localhost:5984/_all: "
        "password check failed, must");
}

TEST_CASE("nothing more is promised of a command than what can be kept") {
  const CommandWorkbench bench;
  const database::Capabilities capabilities = bench.driver().capabilities();

  CHECK_FALSE(capabilities.captures_online);
  CHECK_FALSE(capabilities.restores_in_place);
  CHECK_FALSE(capabilities.recognises_unchanged);
  CHECK_FALSE(capabilities.restores_tables);
  CHECK_FALSE(capabilities.is_server);
  CHECK_FALSE(bench.driver().fingerprint(bench.target(), Timestamp()));
  CHECK(bench.driver().presence(bench.target()) == database::Driver::Presence::filled);
}
