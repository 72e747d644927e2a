#include "git/text_diff.hpp"

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

#include <string>

using savepoint::as_bytes;
using savepoint::git::diff_texts;
using savepoint::git::TextDiff;
using savepoint::test::shell;
using savepoint::test::TemporaryDirectory;
using savepoint::test::write_file;

namespace {

std::string printed(const TextDiff& diff) {
  std::string text;
  for (const TextDiff::Hunk& hunk : diff.hunks) {
    text += hunk.heading + "\n";
    for (const TextDiff::Line& line : hunk.lines) {
      text += line.sign + line.text + "\n";
    }
  }
  return text;
}

} // namespace

TEST_CASE("contents differ as git says they do") {
  std::string before;
  for (int i = 0; i < 100; ++i) {
    before += "line " + std::to_string(i) + "\n";
  }
  std::string after = before;
  after.replace(after.find("line 7\n"), 7, "another\nand one more\r\n");
  after.replace(after.find("line 60\n"), 8, "");
  after += "no end";
  const TemporaryDirectory directory;
  write_file(directory / "a", before);
  write_file(directory / "b", after);
  const std::string expected =
      shell(directory.path(), "git diff --no-index --no-color a b | tail -n +5");

  const TextDiff diff = diff_texts(as_bytes(before), as_bytes(after));

  CHECK(printed(diff) == expected);
  CHECK(diff.insertions == 3);
  CHECK(diff.deletions == 2);
}

TEST_CASE("what is no text is not compared by lines, and what is the same does not differ") {
  using namespace std::string_literals;
  CHECK(diff_texts(as_bytes("a\n"), as_bytes("a\0b"s)).is_binary);
  CHECK(diff_texts(as_bytes("a\0b"s), as_bytes("a\n")).is_binary);
  CHECK(diff_texts(as_bytes("a\n"), as_bytes("a\n")).hunks.empty());
  CHECK(diff_texts({}, {}).hunks.empty());
  CHECK(printed(diff_texts({}, as_bytes("a\n"))) == "@@ -0,0 +1 @@\n+a\n");
  CHECK(printed(diff_texts(as_bytes("a"), {})) ==
        "@@ -1 +0,0 @@\n-a\n\\ No newline at end of file\n");
}
