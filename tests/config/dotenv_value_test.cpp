#include "config/dotenv.hpp"

#include "support/catch.hpp"

#include <map>

using namespace savepoint;
using config::DotenvDialect;
using config::DotenvSetting;
using config::DotenvValue;

namespace {

/// What programs of four kinds make of the same file; see `k_corpus`.
struct Row {
  const char* line;
  const char* javascript;
  const char* python;
  const char* shell;
  const char* ruby;
};

const std::map<std::string, std::string, std::less<>> k_known = {{"B", "beta"}, {"N", "7"}};

DotenvValue value_of(const DotenvSetting& setting, DotenvDialect dialect) {
  return config::dotenv_value(
      setting, dialect, [](std::string_view name) -> std::optional<std::string> {
        const auto found = k_known.find(name);
        return found == k_known.end() ? std::nullopt : std::optional(found->second);
      });
}

std::string read(std::string_view line, DotenvDialect dialect) {
  const auto settings = config::dotenv_settings(line);
  REQUIRE(settings.size() == 1);
  return value_of(settings[0], dialect).value;
}

constexpr Row k_corpus[] = {
    {"A=v", "v", "v", "v", "v"},
    {"A=", "", "", "", ""},
    {"A=''", "", "", "", ""},
    {"A=v # c", "v", "v", "v", "v"},
    {"A=v#c", "v", "v#c", "v#c", "v"},
    {"A=#c", "", "", "", ""},
    {"A= v ", "v", "v", "v", "v"},
    {"A = v", "v", "v", "v", "v"},
    {"A: v", "v", "v", "v", "v"},
    {"export A=v", "v", "v", "v", "v"},
    {"A=\"v\"", "v", "v", "v", "v"},
    {"A='v'", "v", "v", "v", "v"},
    {"A=\"v\" # c", "v", "v", "v", "v"},
    {"A='v' # it's", "v", "v", "v", "v"},
    {"A=\"v # c\"", "v # c", "v # c", "v # c", "v # c"},
    {"A='v # c'", "v # c", "v # c", "v # c", "v # c"},
    {"A=\"v\" trailing", "\"v\"trailing", "v", "v", "v"},
    {"A=\"x\\ny\"", "x\ny", "x\ny", "x\ny", "x\ny"},
    {"A='x\\ny'", "x\\ny", "x\\ny", "x\\ny", "x\\ny"},
    {"A=x\\ny", "x\\ny", "x\\ny", "x\\ny", "x\\ny"},
    {"A=\"a\\\"b\"", "a\"b", "a\"b", "a\"b", "a\"b"},
    {"A=\"a\\\\b\"", "a\\b", "a\\b", "a\\b", "a\\b"},
    {"A=\"one\ntwo\"", "one\ntwo", "one\ntwo", "one\ntwo", "one\ntwo"},
    {"A='one\ntwo'", "one\ntwo", "one\ntwo", "one\ntwo", "one\ntwo"},
    {"A=$B", "$B", "$B", "beta", "beta"},
    {"A=${B}", "${B}", "beta", "beta", "beta"},
    {"A=\"${B}\"", "${B}", "beta", "beta", "beta"},
    {"A='${B}'", "${B}", "${B}", "${B}", "${B}"},
    {"A='$B'", "$B", "$B", "$B", "$B"},
    {"A=x${B}y${N}", "x${B}y${N}", "xbetay7", "xbetay7", "xbetay7"},
    {"A=${X:-def}", "${X:-def}", "def", "def", "def"},
    {"A=${B:-def}", "${B:-def}", "beta", "beta", "beta"},
    {"A=${X-def}", "${X-def}", "def", "def", "def"},
    {"A=\"pa$$word\"", "pa$$word", "pa$$word", "pa$", "pa$"},
    {"A=\"\\$B\"", "\\$B", "$B", "$B", "$B"},
    {"A=`v`", "v", "`v`", "`v`", "`v`"},
    {"A=b=c", "b=c", "b=c", "b=c", "b=c"},
    {"A=\"unclosed", "\"unclosed", "\"unclosed", "\"unclosed", "\"unclosed"},
    {"A={\"k\":1}", "{\"k\":1}", "{\"k\":1}", "{\"k\":1}", "{\"k\":1}"},
    {"A=postgres://u:p#ss@h/d", "postgres://u:p", "postgres://u:p#ss@h/d", "postgres://u:p#ss@h/d",
     "postgres://u:p"},
};

} // namespace

TEST_CASE("every way to write a value is read as the loaders of each ecosystem read it") {
  for (const Row& row : k_corpus) {
    CAPTURE(row.line);
    CHECK(read(row.line, DotenvDialect::javascript) == row.javascript);
    CHECK(read(row.line, DotenvDialect::python) == row.python);
    CHECK(read(row.line, DotenvDialect::shell) == row.shell);
    CHECK(read(row.line, DotenvDialect::go) == row.shell);
    CHECK(read(row.line, DotenvDialect::ruby) == row.ruby);
  }
}

TEST_CASE("what loaders do not agree on is said to be so, and nothing else is") {
  for (const Row& row : k_corpus) {
    CAPTURE(row.line);
    const auto settings = config::dotenv_settings(row.line);
    const DotenvValue value = value_of(settings.at(0), DotenvDialect::javascript);
    const bool differs = std::string(row.javascript) != row.python ||
                         std::string(row.javascript) != row.shell ||
                         std::string(row.javascript) != row.ruby;
    const bool is_unset = !value_of(settings.at(0), DotenvDialect::shell).missing.empty();
    CHECK(value.others.empty() != (differs && !is_unset));
  }
}

TEST_CASE("frameworks of JavaScript that replace variables are read like that") {
  CHECK(read("A=$B", DotenvDialect::expanding_javascript) == "beta");
  CHECK(read("A=v#${B}", DotenvDialect::expanding_javascript) == "v");
}

TEST_CASE("variables that are not set are named, not taken for empty") {
  const auto settings = config::dotenv_settings("A=x${MISSING}y$GONE");

  const DotenvValue value = value_of(settings.at(0), DotenvDialect::shell);

  CHECK(value.missing == std::vector<std::string>{"MISSING", "GONE"});
}

TEST_CASE("commands in values are seen and never run") {
  for (const char* const line : {"A=$(touch /tmp/x)", "A=\"$(touch /tmp/x)\"", "A=`touch /tmp/x`",
                                 "A=\"a`touch /tmp/x`\""}) {
    CAPTURE(line);
    const auto settings = config::dotenv_settings(line);
    CHECK(value_of(settings.at(0), DotenvDialect::shell).is_command);
  }
  const auto settings = config::dotenv_settings("A='$(touch /tmp/x)'");
  CHECK_FALSE(value_of(settings.at(0), DotenvDialect::shell).is_command);
}

TEST_CASE("each statement knows its line") {
  const auto settings =
      config::dotenv_settings("# c\r\nA=1\r\n\r\nB=\"x\r\ny\"\r\nC=3\nD='a\nb\n'\nE=5\rF=6");

  std::vector<std::size_t> lines;
  for (const DotenvSetting& setting : settings) {
    lines.push_back(setting.line);
  }
  CHECK(lines == std::vector<std::size_t>{2, 4, 6, 7, 10, 11});
}

TEST_CASE("any bytes have values") {
  std::string bytes;
  for (int i = 0; i < 2048; ++i) {
    bytes += static_cast<char>((i * 167 + i / 7) % 256);
    bytes += i % 5 == 0 ? "\nA=\"${B" : "$";
  }
  for (const DotenvSetting& setting : config::dotenv_settings(bytes)) {
    CHECK_NOTHROW(value_of(setting, DotenvDialect::shell));
  }
}

TEST_CASE("a value cannot grow without end") {
  const auto settings = config::dotenv_settings("A=" + std::string(100'000, 'x') + "${B}");

  CHECK(value_of(settings.at(0), DotenvDialect::shell).value.size() <= std::size_t{64} << 10U);
}
