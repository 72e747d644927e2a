#include "cli/text.hpp"

#include "support/catch.hpp"

using namespace savepoint;
using namespace std::chrono_literals;

TEST_CASE("sizes are read at a glance") {
  CHECK(cli::human_size(0) == "0 B");
  CHECK(cli::human_size(1023) == "1023 B");
  CHECK(cli::human_size(1024) == "1.0 KiB");
  CHECK(cli::human_size(19'188'941) == "18.3 MiB");
  CHECK(cli::human_size((std::uint64_t{1} << 20U) - 1) == "1.0 MiB");
  CHECK(cli::human_size(~std::uint64_t{0}) == "16.0 EiB");
}

TEST_CASE("ages count back from now, and forward where a clock was wrong") {
  const Timestamp now(std::chrono::hours(1'000'000));
  CHECK(cli::age(now, now) == "just now");
  CHECK(cli::age(now - 59s, now) == "59 seconds ago");
  CHECK(cli::age(now - 61s, now) == "1 minute ago");
  CHECK(cli::age(now - 3min, now) == "3 minutes ago");
  CHECK(cli::age(now - 47h, now) == "1 day ago");
  CHECK(cli::age(now + 2h, now) == "in 2 hours");
}

TEST_CASE("durations and counts") {
  CHECK(cli::human_duration(210ms) == "0.21 s");
  CHECK(cli::human_duration(125s) == "2 min 5 s");
  CHECK(cli::human_duration(2h + 3min) == "2 h 3 min");
  CHECK(cli::counted(1, "file") == "1 file");
  CHECK(cli::counted(0, "file") == "0 files");
  CHECK(cli::counted(2, "directory", "directories") == "2 directories");
}

TEST_CASE("the last part of an id is what people type") {
  CHECK(cli::short_id("20261121-041500-ab12") == "ab12");
}

TEST_CASE("columns line up, whatever the letters are") {
  CHECK(cli::columns("naïve") == 5);
  CHECK(cli::columns("日本") == 4);
  CHECK(cli::columns("e\u0301") == 1);
  CHECK(cli::columns("नि") == 2);
  CHECK(cli::columns("שָׁלוֹם") == 4);
  CHECK(cli::columns("✅☕🍣") == 6);
  CHECK(cli::columns("←·…─") == 4);
  CHECK(cli::columns("가힣") == 4);
  CHECK(cli::columns("a\u200bb\u2060c") == 3);
  cli::Table table({cli::Table::Align::left, cli::Table::Align::right, cli::Table::Align::left});
  table.row({"日本", "1 B", "x"});
  table.row({"a", "20 MiB", ""});
  const std::vector<std::string> lines = table.lines(1);
  CHECK(lines[0] == " 日本     1 B  x");
  CHECK(lines[1] == " a     20 MiB");
}

TEST_CASE("what does not fit is cut between letters") {
  CHECK(cli::shortened("short", 5) == "short");
  CHECK(cli::shortened("longer", 5) == "long…");
  CHECK(cli::shortened("日本語", 4) == "日…");
}

TEST_CASE("what is wider than there is room goes on below, broken between words") {
  CHECK(cli::wrapped("one two three", 13, 2) == "one two three");
  CHECK(cli::wrapped("one two three", 12, 2) == "one two\n  three");
  CHECK(cli::wrapped("one two three", 4, 2) == "one\n  two\n  three");
  CHECK(cli::wrapped("日本 日本 日本", 9, 1) == "日本 日本\n 日本");
  CHECK(cli::wrapped("unbreakable", 4, 2) == "unbreakable");
  cli::Table table({cli::Table::Align::left, cli::Table::Align::left});
  table.row({"keep", "because of this and because of that"});
  CHECK(table.wrapped_lines(28)[0] == "keep  because of this and\n      because of that");
  CHECK(table.wrapped_lines(20)[0] == "keep  because of\n  this and because\n  of that");
}
