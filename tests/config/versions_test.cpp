#include "config/config.hpp"

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

#include <filesystem>

using namespace savepoint;
using test::TemporaryDirectory;
using test::write_file;

namespace {

struct Answer {
  std::string version;
  std::string trouble;
};

Answer read(const std::filesystem::path& root, const std::string& reference) {
  std::vector<std::string> trouble;
  const auto versions = config::read_versions(root, {{"it", reference}}, trouble);
  CHECK(versions.size() + trouble.size() == 1);
  return {versions.empty() ? "" : versions.at("it"), trouble.empty() ? "" : trouble[0]};
}

/// The version in a file with this content.
std::string in_file(const std::string& content, const std::string& key) {
  const TemporaryDirectory root;
  write_file(root / "file", content);
  return read(root.path(), "file" + key).version;
}

} // namespace

TEST_CASE("a version is read by a JSON pointer") {
  const std::string document =
      R"({"version": "1.4.0", "a/b": {"~": [1, {"deep": 2.5}]}, "flag": true, "none": null})";

  CHECK(in_file(document, "#/version") == "1.4.0");
  CHECK(in_file(document, "#/a~1b/~0/1/deep") == "2.5");
  CHECK(in_file(document, "#/a~1b/~0/0") == "1");
  CHECK(in_file(document, "#/flag") == "true");
  CHECK(in_file(document, "#/none").empty());
  CHECK(in_file(document, "#/a~1b").empty());
  CHECK(in_file(document, "#/a~1b/~0/2").empty());
  CHECK(in_file(document, "#/a~1b/~0/x").empty());
  CHECK(in_file("no json", "#/version").empty());
}

TEST_CASE("a version is read by its key from YAML, TOML and JSON lines") {
  CHECK(in_file("name: x\nversion: 2.1\n", "#version") == "2.1");
  CHECK(in_file("[package]\nversion = \"0.3.1\" # ours\n", "#version") == "0.3.1");
  CHECK(in_file("{\n  \"version\": \"7\",\n}", "#version") == "7");
  CHECK(in_file("{\n  \"version\": 7,\n}", "#version") == "7");
  CHECK(in_file("version_old: 1\nversion: 2\nversion: 3\n", "#version") == "2");
  CHECK(in_file("version: 'a # b'\r\n", "#version") == "a # b");
  CHECK(in_file("version: 1.2 # comment\n", "#version") == "1.2");
  CHECK(in_file("version:\n  version: 9\n", "#version") == "9");
  CHECK(in_file("\xEF\xBB\xBFversion: 1\n", "#version") == "1");
  CHECK(in_file("# version: 1\n", "#version").empty());
  CHECK(in_file("\"version: 1\n", "#version").empty());
  CHECK(in_file("", "#version").empty());
}

TEST_CASE("a file alone gives its first line") {
  CHECK(in_file(" 1.0.2 \r\nmore\n", "") == "1.0.2");
  CHECK(in_file("1.0.2", "") == "1.0.2");
  CHECK(in_file("\n1.0.2", "").empty());
  CHECK(in_file(std::string(300, 'x'), "").empty());
}

TEST_CASE("what cannot be read is left out and named") {
  const TemporaryDirectory root;
  write_file(root / "large", std::string((std::size_t{1} << 20U) + 1, 'x'));

  CHECK(read(root.path(), "missing#version").trouble ==
        "version 'it' cannot be read from 'missing#version': No such file or directory");
  CHECK_THAT(read(root.path(), "large").trouble, Catch::Contains("larger than 1 MiB"));
  CHECK_THAT(read(root.path(), "../x").trouble, Catch::Contains("below the project's root"));
  CHECK_THAT(read(root.path(), "/etc/hostname").trouble,
             Catch::Contains("below the project's root"));
}

TEST_CASE("no symbolic link leads to a version outside of the project") {
  const TemporaryDirectory root;
  const TemporaryDirectory outside;
  write_file(outside / "VERSION", "secret");
  std::filesystem::create_symlink(outside.path(), root / "directory");
  std::filesystem::create_symlink(outside / "VERSION", root / "file");

  CHECK(read(root.path(), "directory/VERSION").version.empty());
  CHECK(read(root.path(), "file").version.empty());
}

TEST_CASE("a FIFO is no version, and nobody waits for it") {
  const TemporaryDirectory root;
  test::shell(root.path(), "mkfifo fifo");

  CHECK(read(root.path(), "fifo").version.empty());
}

TEST_CASE("no value of a .env file is ever shown as a version") {
  const TemporaryDirectory root;
  write_file(root / ".env.local", "API_KEY=hunter2\n");

  const Answer answer = read(root.path(), ".env.local#API_KEY");

  CHECK(answer.version.empty());
  CHECK_THAT(answer.trouble, !Catch::Contains("hunter2"));
}
