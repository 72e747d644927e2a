#include "json/edit.hpp"

#include "json/value.hpp"

#include "support/catch.hpp"

#include <string>
#include <vector>

using namespace savepoint;

namespace {

const std::vector<json::TextMember> k_two{{"a", "one \"1\""}, {"b", "two"}};

/// Documents of many styles that have no "scripts", or have some.
const std::vector<std::string> k_documents{
    "{\n  \"name\": \"x\",\n  \"scripts\": {\n    \"test\": \"t\"\n  },\n  \"last\": [1, {\"}\": "
    "\"]\"}]\n}\n",
    "{\n\t\"scripts\": {\n\t\t\"test\": \"t\",\n\t\t\"other\": \"o\"\n\t}\n}",
    "{\r\n    \"scripts\" : {\r\n        \"test\" : \"t\"\r\n    }\r\n}\r\n",
    "{\"name\":\"x\",\"scripts\":{\"test\":\"t\"}}",
    "{ \"scripts\": { \"test\": \"t\" }, \"name\": \"x\" }\n",
    "\xEF\xBB\xBF{\n  \"scripts\": {\"test\": \"a \\\\\\\" b, } c\"}\n}\n",
    "{\n  \"name\": \"x\"\n}\n",
    "{\r\n\t\"name\": \"x\",\r\n\t\"n\": -1.5e3\r\n}",
    "{\"name\":\"x\"}",
    "{ \"name\": \"scripts\", \"other\": {\"scripts\": {\"a\": 1}} }",
    "\n\n{\n\"name\": true\n}\n\n",
};

} // namespace

TEST_CASE("texts are set in an object, and all else is what it was") {
  for (const std::string& before : k_documents) {
    CAPTURE(before);
    json::Value expected = json::parse(before, "before");
    json::Value scripts =
        expected.find("scripts") != nullptr ? *expected.find("scripts") : json::Value::object();
    scripts.set("a", "one \"1\"");
    scripts.set("b", "two");
    expected.set("scripts", scripts);

    const std::string after = json::set_texts(before, "scripts", k_two);

    CHECK(json::parse(after, "after") == expected);
    CHECK(json::set_texts(after, "scripts", k_two) == after);
  }
}

TEST_CASE("what was appended is removed without a trace") {
  for (const std::string& before : k_documents) {
    CAPTURE(before);
    const std::string after = json::set_texts(before, "scripts", k_two);
    CHECK(json::remove_members(after, "scripts", {"a", "b", "never there"}) == before);
    CHECK(json::remove_members(after, "scripts", {"b", "a"}) == before);
  }
}

TEST_CASE("what is appended looks like what is there") {
  CHECK(json::set_texts(k_documents[0], "scripts", {{"a", "one"}}) ==
        "{\n  \"name\": \"x\",\n  \"scripts\": {\n    \"test\": \"t\",\n    \"a\": \"one\"\n  },\n"
        "  \"last\": [1, {\"}\": \"]\"}]\n}\n");
  CHECK(json::set_texts(k_documents[2], "scripts", {{"a", "one"}}) ==
        "{\r\n    \"scripts\" : {\r\n        \"test\" : \"t\",\r\n        \"a\" : \"one\"\r\n    "
        "}\r\n}\r\n");
  CHECK(json::set_texts(k_documents[7], "scripts", {{"a", "one"}}) ==
        "{\r\n\t\"name\": \"x\",\r\n\t\"n\": -1.5e3,\r\n\t\"scripts\": {\r\n\t\t\"a\": "
        "\"one\"\r\n\t}\r\n}");
  CHECK(json::set_texts(k_documents[8], "scripts", {{"a", "one"}}) ==
        "{\"name\":\"x\",\"scripts\":{\"a\":\"one\"}}");
  CHECK(json::set_texts("{}", "scripts", {{"a", "one"}}) ==
        "{\n  \"scripts\": {\n    \"a\": \"one\"\n  }\n}");
  CHECK(json::set_texts("{\n  \"scripts\": {}\n}\n", "scripts", {{"a", "one"}}) ==
        "{\n  \"scripts\": {\n    \"a\": \"one\"\n  }\n}\n");
}

TEST_CASE("a text that is set again is replaced where it stands") {
  CHECK(json::set_texts(k_documents[1], "scripts", {{"test", "new"}}) ==
        "{\n\t\"scripts\": {\n\t\t\"test\": \"new\",\n\t\t\"other\": \"o\"\n\t}\n}");
  CHECK(json::set_texts("{\"scripts\": {\"a\\u002fb\": \"x\", \"c\": 5}}", "scripts",
                        {{"a/b", "y"}, {"c", "z"}}) ==
        "{\"scripts\": {\"a\\u002fb\": \"y\", \"c\": \"z\"}}");
}

TEST_CASE("members are removed wherever they stand") {
  const std::string text = "{\"s\": {\"a\": 1,\n\"b\": {\"x\": [2]}, \"c\": \"3\"}, \"t\": 4}";
  CHECK(json::remove_members(text, "s", {"a"}) ==
        "{\"s\": {\n\"b\": {\"x\": [2]}, \"c\": \"3\"}, \"t\": 4}");
  CHECK(json::remove_members(text, "s", {"b"}) == "{\"s\": {\"a\": 1, \"c\": \"3\"}, \"t\": 4}");
  CHECK(json::remove_members(text, "s", {"c"}) ==
        "{\"s\": {\"a\": 1,\n\"b\": {\"x\": [2]}}, \"t\": 4}");
  CHECK(json::remove_members(text, "s", {"c", "a", "b"}) == "{ \"t\": 4}");
  CHECK(json::remove_members(text, "nothing", {"a"}) == text);
}
