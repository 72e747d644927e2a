#include "config/internal/databases.hpp"

#include "base/printable.hpp"
#include "config/internal/inner_path.hpp"
#include "config/internal/url_password.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace savepoint::config {
namespace {

// A new key stands here, in docs/configuration.md, in templates/savepoint.json and in
// templates/savepoint.schema.json; a test compares them.
constexpr std::array<std::string_view, 13> k_keys = {
    "name",      "driver",           "path",     "url",   "dump",       "restore", "capture",
    "protected", "prohibit_restore", "strategy", "owner", "privileges", "client"};
constexpr std::array<std::string_view, 2> k_url_keys = {"env", "file"};
/// What only the databases of servers know.
constexpr std::array<std::string_view, 4> k_server_keys = {"strategy", "owner", "privileges",
                                                           "client"};

std::string path_below_root(const Setting& setting) {
  auto path = inner_path(setting.text());
  if (!path) {
    setting.wrong("expected a path below the project's root, without '..'");
  }
  return std::move(*path);
}

UrlSetting read_url(const Setting& setting) {
  UrlSetting url;
  if (setting.is_text()) {
    url.literal = setting.text();
    if (has_password(url.literal)) {
      setting.wrong("a password does not belong into this file",
                    "keep the URL in a variable and name that: \"url\": {\"env\": "
                    "\"DATABASE_URL\", \"file\": \".env\"}");
    }
    return url;
  }
  for (const auto& [key, value] : setting.members(k_url_keys)) {
    if (key == "env") {
      url.variable = value.text();
      if (url.variable.find_first_of("=/: ") != std::string::npos) {
        value.wrong("expected the name of a variable"); // whose value may be secret: not repeated
      }
    } else {
      url.file = path_below_root(value);
    }
  }
  if (url.variable.empty()) {
    setting.wrong("'env' is missing");
  }
  return url;
}

std::string read_strategy(const Setting& setting) {
  std::string strategy = setting.text();
  if (strategy != "dump" && strategy != "template") {
    setting.wrong("expected 'dump' or 'template'");
  }
  return strategy;
}

std::vector<std::string> read_client(const Setting& setting) {
  std::vector<std::string> client = setting.texts();
  if (client.empty()) {
    setting.wrong("expected what stands before a program, such as [\"docker\", \"compose\", "
                  "\"exec\", \"-T\", \"db\"]");
  }
  return client;
}

/// The database that a URL names, as far as that can be told without knowing all kinds of URLs.
std::string name_in(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  const std::size_t host = url.find("://");
  if (host == std::string_view::npos) {
    return {};
  }
  url.remove_prefix(host + 3);
  const std::size_t slash = url.rfind('/');
  return slash == std::string_view::npos ? std::string() : std::string(url.substr(slash + 1));
}

/// Which key says where the database is; empty if none does.
std::string_view place_of(const DatabaseSetting& database) {
  return !database.path.empty()  ? "path"
         : database.url          ? "url"
         : database.dump.empty() ? std::string_view()
                                 : "dump";
}

/// Sets what follows from where the database is, and refuses what does not fit it.
void complete(DatabaseSetting& database, const Setting& setting) {
  const std::string_view place = place_of(database);
  const int places =
      (database.path.empty() ? 0 : 1) + (database.url ? 1 : 0) + (database.dump.empty() ? 0 : 1);
  if (places > 1) {
    setting.wrong("only one of 'path', 'url' and 'dump' says where a database is");
  }
  if (database.name.empty()) {
    database.name = place == "path"  ? database.path
                    : place == "url" ? name_in(database.url->literal)
                                     : std::string();
  }
  if (database.name.empty()) {
    setting.wrong(place.empty() ? "'path', 'url' or 'dump' is missing" : "'name' is missing");
  }
  if (!database.restore.empty() && place != "dump") {
    setting.wrong("'restore' goes with 'dump'");
  }
  if (place == "dump") {
    if (!database.driver.empty() && database.driver != "command") {
      setting.wrong("what has 'dump' is of the driver 'command'");
    }
    database.driver = "command";
  } else if (database.driver == "command") {
    setting.wrong("'dump' is missing");
  } else if (place == "path" && database.driver.empty()) {
    database.driver = "sqlite";
  } else if (place.empty() && !database.driver.empty()) {
    setting.wrong("'path' or 'url' is missing");
  }
}

void require_server(const DatabaseSetting& database, const Setting& setting) {
  const std::string_view place = place_of(database);
  if (place == "url" || place.empty()) {
    return;
  }
  for (const auto& [key, value] : setting.members()) {
    if (std::ranges::find(k_server_keys, key) != k_server_keys.end()) {
      value.wrong("only databases that a server keeps know this");
    }
  }
}

/// The driver, as far as the config itself says it: that of a variable's URL is not known here.
std::string driver_of(const DatabaseSetting& database) {
  if (!database.driver.empty() || !database.url) {
    return database.driver;
  }
  const std::string& url = database.url->literal;
  return url.starts_with("mysql") || url.starts_with("mariadb") ? "mariadb" : std::string();
}

void require_postgres(const DatabaseSetting& database, const Setting& setting) {
  const std::string driver = driver_of(database);
  if (driver.empty() || driver == "postgres" || place_of(database) != "url") {
    return;
  }
  for (const auto& [key, value] : setting.members()) {
    if (key == "client") {
      value.wrong("only PostgreSQL is read and restored by client programs",
                  "publish the server's port, or give 'dump' and 'restore' commands");
    }
    if (key == "strategy" && database.strategy == "template") {
      value.wrong("only PostgreSQL can copy a database by itself");
    }
  }
}

DatabaseSetting read_database(const Setting& setting) {
  DatabaseSetting database;
  database.driver.clear();
  for (const auto& [key, value] : setting.members(k_keys)) {
    if (key == "name") {
      database.name = value.text();
    } else if (key == "driver") {
      database.driver = value.text();
    } else if (key == "path") {
      database.path = path_below_root(value);
    } else if (key == "url") {
      database.url = read_url(value);
    } else if (key == "dump") {
      database.dump = value.text();
    } else if (key == "restore") {
      database.restore = value.text();
    } else if (key == "capture") {
      database.capture = value.flag();
    } else if (key == "strategy") {
      database.strategy = read_strategy(value);
    } else if (key == "privileges") {
      database.privileges = value.flag();
    } else if (key == "client") {
      database.client = read_client(value);
    } else if (key == "protected") {
      database.is_protected = value.flag();
    } else if (key == "prohibit_restore") {
      database.prohibit_restore = value.flag();
    } else {
      database.owner = value.flag();
    }
  }
  complete(database, setting);
  require_server(database, setting);
  require_postgres(database, setting);
  return database;
}

} // namespace

std::vector<DatabaseSetting> read_databases(const Setting& setting) {
  std::vector<DatabaseSetting> databases;
  for (const Setting& item : setting.items()) {
    const DatabaseSetting database = read_database(item);
    for (const DatabaseSetting& other : databases) {
      if (other.name == database.name) {
        item.wrong("another database is called " + quoted(database.name) + " as well");
      }
      if (!database.path.empty() && other.path == database.path) {
        item.wrong("the database at " + quoted(database.path) + " is listed twice");
      }
    }
    databases.push_back(database);
  }
  return databases;
}

} // namespace savepoint::config
