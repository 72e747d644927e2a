#include "config/config.hpp"

#include "base/error.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

using namespace savepoint;

namespace {

const std::filesystem::path k_templates =
    std::filesystem::path(__FILE__).parent_path() / "../../templates";

constexpr std::string_view k_blank_line = "\n\n";

/// The template with every setting that it has in a comment switched on: `// "key": …` and the
/// lines that go on with it.
std::string switched_on(const std::string& text) {
  std::string result;
  std::size_t done = 0;
  for (std::size_t slashes = text.find("//"); slashes != std::string::npos;
       slashes = text.find("//", done)) {
    const std::size_t setting = text.find_first_not_of(' ', slashes + 2);
    const bool is_setting = setting != std::string::npos &&
                            std::string_view("\"{]").find(text[setting]) != std::string_view::npos;
    const std::size_t next = is_setting ? setting : slashes + 2;
    result.append(text, done, (is_setting ? slashes : next) - done);
    done = next;
  }
  return result.append(text, done);
}

void collect_keys(const json::Value& schema, const std::string& prefix,
                  std::set<std::string>& keys) {
  if (const json::Value* const properties = schema.find("properties")) {
    for (const auto& [key, value] : properties->members()) {
      keys.insert(prefix + key);
      collect_keys(value, prefix + key + ".", keys);
    }
  }
  if (const json::Value* const items = schema.find("items")) {
    collect_keys(*items, prefix, keys);
  }
}

void collect_written(const json::Value& value, const std::string& prefix,
                     std::set<std::string>& keys) {
  if (value.is_object() && prefix != "versions.") {
    for (const auto& [key, member] : value.members()) {
      keys.insert(prefix + key);
      collect_written(member, prefix + key + ".", keys);
    }
  } else if (value.is_array()) {
    for (const json::Value& item : value.items()) {
      collect_written(item, prefix, keys);
    }
  }
}

} // namespace

TEST_CASE("the template that init writes is a valid configuration that changes nothing") {
  const std::string text = test::read_file(k_templates / "savepoint.json");

  config::Config config;
  config::apply(config, json::parse(text, "template", json::Comments::allow), "template");

  CHECK_FALSE(config.store);
  CHECK(config.exclude.empty());
  CHECK(config.databases.empty());
  CHECK(config.discover_databases);
  CHECK(config.retention.empty());
}

TEST_CASE("each setting of the template can be switched on alone") {
  const std::string text = test::read_file(k_templates / "savepoint.json");
  int settings = 0;
  for (std::size_t begin = 0; begin != std::string::npos;
       begin = text.find(k_blank_line, begin + 1)) {
    const std::size_t end = std::min(text.find(k_blank_line, begin + 1), text.size());
    std::string changed = text;
    changed.replace(begin, end - begin, switched_on(text.substr(begin, end - begin)));
    INFO(changed);
    CHECK_NOTHROW(json::parse(changed, "template", json::Comments::allow));
    settings += changed == text ? 0 : 1;
  }
  CHECK(settings > 10);
}

TEST_CASE("the template shows every key that exists, each with a valid value") {
  const std::string text = switched_on(test::read_file(k_templates / "savepoint.json"));
  const json::Value shown = json::parse(text, "template", json::Comments::allow);
  const json::Value schema =
      json::parse(test::read_file(k_templates / "savepoint.schema.json"), "schema");

  config::Config config;
  CHECK_NOTHROW(config::apply(config, shown, "template"));

  std::set<std::string> in_template;
  collect_written(shown, "", in_template);
  std::set<std::string> in_schema;
  collect_keys(schema, "", in_schema);
  CHECK(in_template == in_schema);
}

TEST_CASE("the defaults that the template names are the defaults") {
  const std::string text = switched_on(test::read_file(k_templates / "savepoint.json"));
  config::Config config;
  config::apply(config, json::parse(text, "template", json::Comments::allow), "template");
  const config::Retention defaults = config::default_retention();

  CHECK(config.retention.keep_last == defaults.keep_last);
  CHECK(config.retention.keep_daily == defaults.keep_daily);
  CHECK(config.retention.keep_weekly == defaults.keep_weekly);
  CHECK(config.retention.keep_monthly == defaults.keep_monthly);
  CHECK(config.retention.keep_within == defaults.keep_within);
  CHECK(config.secrets == config::Secrets::store);
  CHECK(config.discover_databases);
}

TEST_CASE("the schema knows every key that the parser knows") {
  config::Config config;
  const auto hint_for = [&](std::string_view text) {
    try {
      config::apply(config, json::parse(text, "x"), "x");
    } catch (const UsageError& error) {
      return error.hint();
    }
    return std::string("no complaint");
  };
  const json::Value schema =
      json::parse(test::read_file(k_templates / "savepoint.schema.json"), "schema");
  const auto keys_in = [](const json::Value& object) {
    std::string keys;
    for (const auto& [key, value] : object.at("properties").members()) {
      keys += (keys.empty() ? "" : ", ") + key;
    }
    return "known keys here are " + keys;
  };
  const json::Value& top = schema.at("properties");

  CHECK(hint_for(R"({"xyzzyxyzzy": 1})") == keys_in(schema));
  CHECK(hint_for(R"({"config": {"xyzzyxyzzy": 1}})") == keys_in(top.at("config")));
  CHECK(hint_for(R"({"databases": [{"xyzzyxyzzy": 1}]})") ==
        keys_in(top.at("databases").at("items")));
  CHECK(hint_for(R"({"databases": [{"url": {"xyzzyxyzzy": 1}}]})") ==
        keys_in(top.at("databases").at("items").at("properties").at("url")));
  CHECK(hint_for(R"({"retention": {"xyzzyxyzzy": 1}})") == keys_in(top.at("retention")));
}
