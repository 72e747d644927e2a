#include "cli/parser.hpp"

#include "support/catch.hpp"

#include <array>
#include <vector>

using namespace savepoint;

namespace {

/// A command with one of everything.
struct Sample {
  cli::Common common;
  bool pin = false;
  std::optional<std::string> note;
  std::vector<std::string> tags;
  std::optional<std::uint64_t> limit;
  std::optional<std::string> snapshot;
  std::vector<std::string> paths;

  void parse(std::vector<std::string> arguments) {
    cli::Parser parser(common, {.command = "savepoint sample",
                                .summary = "A sample.",
                                .usage = "[SNAPSHOT]",
                                .exit_codes = {ExitCode::done, ExitCode::usage},
                                .example = "savepoint sample latest"});
    parser.flag("--pin", pin, "pin it");
    parser.text("-m,--note", "NOTE", note, "a note");
    parser.texts("--tag", "T", tags, "a tag");
    parser.number("--limit", "N", limit, "at most N");
    parser.optional("SNAPSHOT", snapshot, "a snapshot");
    parser.behind_dashes("PATH", paths, "paths");
    parser.parse(std::move(arguments));
  }
};

/// The hint of the UsageError that `arguments` lead to.
std::string hint_for(std::vector<std::string> arguments) {
  Sample sample;
  try {
    sample.parse(std::move(arguments));
  } catch (const UsageError& error) {
    return error.hint();
  }
  return "no error";
}

} // namespace

TEST_CASE("options stand before or behind the snapshot") {
  Sample sample;
  sample.parse({"--json", "-m", "before it", "ab12", "--tag", "a", "--pin", "--tag=b", "-C", "/x"});
  CHECK(sample.common.json);
  CHECK(sample.common.directory == "/x");
  CHECK(sample.note == "before it");
  CHECK(sample.snapshot == "ab12");
  CHECK(sample.tags == std::vector<std::string>{"a", "b"});
  CHECK(sample.pin);
}

TEST_CASE("a tag takes one word and leaves the next alone") {
  Sample sample;
  sample.parse({"--tag", "a", "ab12"});
  CHECK(sample.tags == std::vector<std::string>{"a"});
  CHECK(sample.snapshot == "ab12");
}

TEST_CASE("empty values and values that look like options or lists are kept as they are") {
  Sample sample;
  sample.parse({"--note=", "--tag", "--pin", "--tag", "[id]", "--tag={}", "x"});
  CHECK(sample.note == "");
  CHECK(sample.tags == std::vector<std::string>{"--pin", "[id]", "{}"});
  CHECK_FALSE(sample.pin);
  CHECK(sample.snapshot == "x");
}

TEST_CASE("behind two dashes everything is a path") {
  Sample sample;
  sample.parse({"latest", "--", "[slug].tsx", "--pin", "--", "a b"});
  CHECK(sample.snapshot == "latest");
  CHECK(sample.paths == std::vector<std::string>{"[slug].tsx", "--pin", "--", "a b"});
  CHECK_FALSE(sample.pin);
}

TEST_CASE("without a snapshot, paths behind the dashes are not taken for one") {
  Sample sample;
  sample.parse({"--", "src"});
  CHECK_FALSE(sample.snapshot);
}

TEST_CASE("numbers are whole and plain") {
  Sample sample;
  sample.parse({"--limit", "12"});
  CHECK(sample.limit == std::uint64_t{12});
  for (const char* const wrong :
       {"", "-1", "+1", "1.5", "1k", " 1", "0x10", "99999999999999999999"}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(Sample().parse({"--limit", wrong}), UsageError);
  }
}

TEST_CASE("a mistyped option is answered with the one that was meant") {
  CHECK(hint_for({"--nott", "x"}) == "did you mean '--note'?");
  CHECK(hint_for({"--jsn"}) == "did you mean '--json'?");
  CHECK(hint_for({"--nothing-like-it"}) == "see 'savepoint sample --help'");
}

TEST_CASE("command lines that cannot be understood are usage errors") {
  CHECK(hint_for({"a", "b c"}) == "write it behind --, as in: savepoint sample a -- 'b c'");
  CHECK(hint_for({"--note"}) == "see 'savepoint sample --help'");
  CHECK_THROWS_AS(Sample().parse({"--note", "a", "--note", "b"}), UsageError);
  CHECK_THROWS_AS(Sample().parse({"--store="}), UsageError);
  CHECK_THROWS_AS(Sample().parse({"--pin=yes"}), UsageError);
}

TEST_CASE("help lists every option, the exit codes and an example") {
  try {
    Sample().parse({"--help", "--nonsense"});
    FAIL("no help");
  } catch (const cli::TextInstead& asked) {
    for (const char* const part :
         {"usage: savepoint sample [SNAPSHOT]", "-m, --note NOTE", "--limit N", "-C DIR",
          "exit codes:", "savepoint sample latest"}) {
      CAPTURE(part);
      CHECK(asked.text.find(part) != std::string::npos);
    }
  }
}

TEST_CASE("the command is found behind common options and their values") {
  const cli::Split split = cli::split_command({"-C", "list", "--json", "show", "-C", "x"});
  CHECK(split.command == "show");
  CHECK(split.arguments == std::vector<std::string>{"-C", "list", "--json", "-C", "x"});
  CHECK(cli::split_command({"--json", "--", "show"}).command.empty());
}

TEST_CASE("an unknown command is answered with the nearest one") {
  constexpr std::array<std::string_view, 2> known{"restore", "list"};
  try {
    cli::throw_unknown_command("savepoint", "restroe", known);
  } catch (const UsageError& error) {
    CHECK(error.hint() == "did you mean 'savepoint restore'?");
  }
}

namespace {

/// What a command says instead of working.
std::string said(const std::string& option) {
  cli::Common common;
  std::optional<std::string> note;
  std::vector<std::string> paths;
  cli::Parser parser(common, {.command = "savepoint sample",
                              .summary = "Takes a \\backslash. And\n.more, it's said.\n\nEnd.",
                              .usage = "PATH...",
                              .commands = {{"sub", "a command of it"}},
                              .exit_codes = {ExitCode::done},
                              .example = ".example"});
  parser.text("-m,--note", "NOTE", note, "a note's text");
  parser.several("PATH", paths, "a path");
  try {
    parser.parse({option});
  } catch (const cli::TextInstead& text) {
    return text.text;
  }
  return "no text";
}

} // namespace

TEST_CASE("a manual page is made of the help, and nothing in it is taken for a request") {
  const std::string page = said("--help=man");

  CHECK(page.starts_with(".TH \"SAVEPOINT\\-SAMPLE\" 1 "));
  CHECK(page.find(".SH NAME\nsavepoint\\-sample \\- takes a \\ebackslash\n") != std::string::npos);
  CHECK(page.find("\n\\&.more, it\\(aqs said.\n.PP\nEnd.\n") != std::string::npos);
  CHECK(page.find(".TP\n\\fBsub\\fR\na command of it\n") != std::string::npos);
  CHECK(page.find(".TP\n\\fBPATH...\\fR\na path\n") != std::string::npos);
  CHECK(page.find(".TP\n\\fB\\-m\\fR, \\fB\\-\\-note\\fR \\fINOTE\\fR\na note\\(aqs text\n") !=
        std::string::npos);
  CHECK(page.find(".TP\n\\fB0\\fR\ndone\n") != std::string::npos);
  CHECK(page.find(".nf\n\\&.example\n.fi\n") != std::string::npos);
}

TEST_CASE("what shells complete is made of the help") {
  const std::string words = said("--help=words");

  CHECK(words.starts_with("command\tsub\t\ta command of it\nargument\tPATH...\t\ta path\n"
                          "option\t-m,--note\tNOTE\ta note's text\noption\t-C\tDIR\t"));
}
