#include "json/value.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "support/catch.hpp"

#include <limits>

using namespace savepoint;
using json::Comments;
using json::Value;

namespace {

std::string error_of(std::string_view text, Comments comments = Comments::refuse) {
  try {
    static_cast<void>(json::parse(text, "file.json", comments));
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no error";
}

std::string nested(std::size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

} // namespace

TEST_CASE("a document is printed with its members in their order") {
  Value value;
  value.set("b", 1).set("a", Value::array({true, nullptr, "x", 1.5}));
  value.set("empty", Value::object()).set("none", Value::array());

  CHECK(json::print(value) == "{\n  \"b\": 1,\n  \"a\": [\n    true,\n    null,\n    \"x\",\n"
                              "    1.5\n  ],\n  \"empty\": {},\n  \"none\": []\n}\n");
  CHECK(json::print_line(value) ==
        "{\"b\":1,\"a\":[true,null,\"x\",1.5],\"empty\":{},\"none\":[]}\n");
}

TEST_CASE("what is printed reads back as the same value and prints the same again") {
  std::string every_byte;
  for (int code = 0; code < 0x300; ++code) {
    if (code < 0x80) {
      every_byte += static_cast<char>(code);
    } else {
      every_byte += static_cast<char>(0xC0 | (code >> 6));
      every_byte += static_cast<char>(0x80 | (code & 0x3F));
    }
  }
  const Value value = Value::object(
      {{"text", every_byte},
       {every_byte, "key"},
       {"large", std::numeric_limits<std::int64_t>::max()},
       {"small", std::numeric_limits<std::int64_t>::min()},
       {"doubles", Value::array({3.0, 0.1, -0.0, 1e300, 5e-324, 123456789012345680.0})},
       {"emoji", "\xF0\x9F\x92\xBE"}});

  const std::string printed = json::print(value);

  CHECK(json::parse(printed, "x") == value);
  CHECK(json::print(json::parse(printed, "x")) == printed);
  CHECK(json::parse(json::print_line(value), "x") == value);
}

TEST_CASE("nothing printed can drive a terminal") {
  const std::string printed = json::print("\x1b[2J\x7f\xC2\x9B");

  CHECK(printed == "\"\\u001b[2J\\u007f\\u009b\"\n");
}

TEST_CASE("an error names the file, the line and the column") {
  CHECK_THAT(error_of("{\n  \"a\": 1,\n}"), Catch::StartsWith("file.json, line 3, column 1: "));
  CHECK_THAT(error_of("{\"\xC3\xA4\xC3\xB6\": x}"),
             Catch::StartsWith("file.json, line 1, column 8: "));
  CHECK_THAT(error_of("{\"a\": 1, \"b\": 2, \"a\": 3}"),
             Catch::StartsWith("file.json, line 1, column 20: 'a' is there twice"));
}

TEST_CASE("what is not exactly one JSON document is refused") {
  const std::string text =
      GENERATE("", " ", "{", "[1,]", "{\"a\":1,}", "{} {}", "{} x", "nul", "01", "1.", "+1", "'a'",
               "{a: 1}", "\"\n\"", "\"\\x\"", "\"\xFF\"", "\"\xED\xA0\x80\"", "\"\\ud800\"",
               "[1 2]", "// only\n1", "NaN", "Infinity", "1e999");
  CAPTURE(text);

  CHECK_THAT(error_of(text), Catch::StartsWith("file.json, line "));
}

TEST_CASE("nothing hides behind a NUL byte") {
  CHECK_THAT(error_of(std::string("{}\0 garbage", 11)),
             Catch::Equals("file.json, line 1, column 3: a NUL byte"));
}

TEST_CASE("a member that is there twice is refused at every level") {
  CHECK_THAT(error_of(R"([{"a": {"b": 1, "b": 1}}])"), Catch::Contains("'b' is there twice"));
  CHECK(error_of(R"({"a": {"b": 1}, "b": {"a": 1}})") == "no error");
}

TEST_CASE("comments and a byte-order mark are let through where allowed, trailing commas never") {
  CHECK(error_of("// one\n{ /* two */ \"a\": 1 }", Comments::allow) == "no error");
  CHECK(error_of("\xEF\xBB\xBF{}") == "no error");
  CHECK(error_of("{} // one") != "no error");
  CHECK(error_of("{\"a\": 1, }", Comments::allow) != "no error");
  CHECK(error_of("{} /* open", Comments::allow) != "no error");
}

TEST_CASE("deep documents are refused, not followed until the stack ends") {
  CHECK(error_of(nested(200)) == "no error");
  CHECK_THAT(error_of(nested(201)), Catch::Contains("more than 200 levels"));
  CHECK_THAT(error_of(nested(1'000'000)), Catch::Contains("more than 200 levels"));
}

TEST_CASE("a whole number keeps all its digits or is refused") {
  CHECK(json::parse("9223372036854775807", "x").as_integer() ==
        std::numeric_limits<std::int64_t>::max());
  CHECK(json::parse("-9223372036854775808", "x").as_integer() ==
        std::numeric_limits<std::int64_t>::min());
  CHECK_THAT(error_of("9223372036854775808"), Catch::Contains("too large"));
  CHECK_THAT(error_of("-9223372036854775809"), Catch::Contains("too large"));
  CHECK_THAT(error_of("123456789012345678901234567890"), Catch::Contains("too large"));
}

TEST_CASE("every truncation of a document is refused") {
  const std::string text = json::print(Value::object(
      {{"a", Value::array({1.25, "text\n", false})}, {"b", Value::object({{"c", nullptr}})}}));

  for (std::size_t length = 0; length + 2 <= text.size(); ++length) {
    CAPTURE(length);
    CHECK(error_of(text.substr(0, length)) != "no error");
  }
}

TEST_CASE("asking a value for what it is not is damage, not a crash") {
  const Value text = "text";

  CHECK_THROWS_AS(text.as_bool(), CorruptionError);
  CHECK_THROWS_AS(text.as_integer(), CorruptionError);
  CHECK_THROWS_AS(text.as_number(), CorruptionError);
  CHECK_THROWS_AS(text.items(), CorruptionError);
  CHECK_THROWS_AS(text.members(), CorruptionError);
  CHECK_THROWS_AS(Value(1).as_string(), CorruptionError);
  CHECK_THROWS_AS(Value(-1).as_unsigned(), CorruptionError);
  CHECK_THROWS_WITH(text.at("key"), "'key' is missing");
  CHECK(text.find("key") == nullptr);
  CHECK(Value(2).as_number() == 2.0);
}

TEST_CASE("any byte string has a place in a document") {
  std::string bytes;
  for (int code = 0; code < 256; ++code) {
    bytes += static_cast<char>(code);
    for (std::size_t cut = 0; cut < 3; ++cut) {
      const std::string part = bytes.substr(std::min(cut, bytes.size()));
      CAPTURE(code, cut);
      CHECK(json::bytes_of(json::text_or_bytes(part)) == part);
    }
  }
  CHECK(json::text_or_bytes("plain") == Value("plain"));
  CHECK(json::print_line(json::text_or_bytes("a\xFF")) ==
        "{\"base64\":\"Yf8=\",\"printable\":\"a\\\\xff\"}\n");
}

TEST_CASE("a byte string that we would not have written so is refused") {
  const auto wrong = [](std::string_view text) { return json::parse(text, "x"); };

  CHECK_THROWS_AS(json::bytes_of(wrong(R"({"base64": "YQ==", "printable": "a"})")),
                  CorruptionError);
  CHECK_THROWS_AS(json::bytes_of(wrong(R"({"base64": "Yf8", "printable": "a\\xff"})")),
                  CorruptionError);
  CHECK_THROWS_AS(json::bytes_of(wrong(R"({"base64": "Yf8=", "printable": "b"})")),
                  CorruptionError);
  CHECK_THROWS_AS(json::bytes_of(wrong(R"({"base64": 1})")), CorruptionError);
  CHECK_THROWS_AS(json::bytes_of(wrong("1")), CorruptionError);
}
