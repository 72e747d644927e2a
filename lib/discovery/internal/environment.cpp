#include "discovery/internal/evidence.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <initializer_list>
#include <set>

namespace savepoint::discovery {
namespace {

using View = std::function<std::optional<Found>(const std::string&)>;

/// Variables that give a database in parts begin with one of these.
struct Group {
  std::string_view prefix;
  std::string_view driver; ///< Empty: another variable says which.
  bool needs_host;         ///< The others are what images of servers are started with.
};
constexpr std::array<Group, 8> k_groups = {{{"DB_", "", false},
                                            {"DATABASE_", "", false},
                                            {"TYPEORM_", "", false},
                                            {"SQL_", "", false},
                                            {"POSTGRES_", "postgres", true},
                                            {"PG", "postgres", false},
                                            {"MYSQL_", "mariadb", true},
                                            {"MARIADB_", "mariadb", true}}};

bool has_words_of_a_database(std::string_view name) {
  constexpr std::array<std::string_view, 6> k_words = {"URL",      "URI", "DSN",
                                                       "DATABASE", "DB",  "DBSTRING"};
  return std::ranges::any_of(
      k_words, [&](std::string_view word) { return name.find(word) != std::string_view::npos; });
}

bool has_word(std::string_view name, std::initializer_list<std::string_view> words) {
  while (!name.empty()) {
    const std::size_t end = std::min(name.find('_'), name.size());
    if (std::ranges::find(words, name.substr(0, end)) != words.end()) {
      return true;
    }
    name.remove_prefix(std::min(end + 1, name.size()));
  }
  return false;
}

/// DATABASE_URL and the like, which hold nothing but how to connect to a database.
bool names_a_connection(std::string_view name) {
  return has_word(name, {"DATABASE", "DB"}) &&
         (name.ends_with("URL") || name.ends_with("URI") || name.ends_with("DSN"));
}

/// libpq's `host=… dbname=…` and Go's `user@tcp(host)/db`, which have no scheme.
bool connects_without_scheme(std::string_view value) {
  if (value.empty() || value.find("://") != std::string_view::npos) {
    return false;
  }
  try {
    const database::Address address = database::parse_url(value);
    return address.driver == "postgres" || address.driver == "mariadb";
  } catch (const UsageError&) {
    return false;
  }
}

/// Whether `value` connects to a database and `name` does not mean something else by it.
bool connects(std::string_view name, std::string_view value) {
  const bool may_lack_scheme = names_a_connection(name) || name.ends_with("DSN") ||
                               has_word(name, {"POSTGRES", "POSTGRESQL", "PG", "MYSQL"});
  return is_database_url(value) || (may_lack_scheme && connects_without_scheme(value));
}

/// `file:dev.db` is a database in DATABASE_URL, and something else in most other variables.
bool speaks_of_database(std::string_view name, std::string_view value) {
  const bool is_named =
      name.find("DATABASE") != std::string_view::npos || name.find("DB") != std::string_view::npos;
  return connects(name, value) || (value.starts_with("file:") && is_named) ||
         (name.ends_with("DBSTRING") && !value.empty());
}

/// One run over the variables of a package.
class Search {
public:
  Search(Extractor& extractor, ProjectFiles& files, const Variables& variables,
         std::vector<Evidence>& found)
      : extractor_(extractor), files_(files), variables_(variables), found_(found),
        directory_(variables.package().directory) {}

  void search() {
    if (directory_.empty()) {
      for (const auto& [name, value] : variables_.process()) {
        const Found found{value, name, {}, 0};
        if (has_words_of_a_database(name) && connects(name, value)) {
          add(found, Role::main, {}, in_effect());
        } else {
          note_if_meant(found);
        }
      }
    }
    for (const EnvironmentFile& file : variables_.own_files()) {
      search_file(file);
    }
    for (const Group& group : k_groups) {
      search_group(group, in_effect(), Role::main, {});
    }
  }

private:
  [[nodiscard]] View in_effect() const {
    return [this](const std::string& name) { return variables_.find(name); };
  }

  void search_file(const EnvironmentFile& file) {
    const View alone = [&](const std::string& name) { return variables_.find_in(file, name); };
    std::set<std::string_view> seen;
    for (const config::DotenvSetting& setting : file.settings) {
      const std::optional<Found> found =
          seen.insert(setting.key).second ? variables_.find_in(file, setting.key) : std::nullopt;
      if (!found) {
        continue;
      }
      const std::optional<Found> effective = variables_.find(setting.key);
      if (!speaks_of_database(setting.key, found->text)) {
        if (effective && effective->file == file.path && file.role == Role::main) {
          note_if_meant(*found);
        }
        continue;
      }
      std::string refusal;
      if (!file.is_loaded) {
        refusal = "no program reads its file by itself";
      } else if (effective && effective->file != file.path) {
        refusal = "overridden by " +
                  (effective->file.empty()
                       ? "the environment"
                       : printable(effective->file) + ":" + std::to_string(effective->line));
      }
      add(*found, file.role, std::move(refusal), file.is_loaded ? in_effect() : alone);
    }
    if (!file.is_loaded) {
      for (const Group& group : k_groups) {
        search_group(group, alone, file.role, "no program reads its file by itself");
      }
    }
  }

  /// What says by its name that it is a connection, and is none that we know.
  void note_if_meant(const Found& found) {
    const bool is_known = found.text.starts_with("file:") || // of another package, perhaps
                          found.text.find("://") != std::string::npos || // no database in SQL
                          found.text.starts_with(":memory:") || found.text.ends_with(".db") ||
                          files_.has(joined(directory_, found.text));
    if (!found.text.empty() && names_a_connection(found.variable) && !is_known) {
      files_.note(quoted(found.variable) + " in " +
                  (found.file.empty() ? std::string("the environment")
                                      : printable(found.file) + ":" + std::to_string(found.line)) +
                  " was passed over: it is no URL that savepoint knows");
    }
  }

  void add(Found found, Role role, std::string refusal, const View& view) {
    const std::string name = found.variable;
    if (name == "GOOSE_DBSTRING" && !is_database_url(found.text)) {
      const std::optional<Found> driver = view("GOOSE_DRIVER");
      if (driver && driver_word(driver->text) == "sqlite" && !found.text.starts_with("file:")) {
        found.text = "file:" + found.text;
      }
    }
    Evidence* const evidence = extractor_.add_url(found, origin(role), {});
    if (evidence == nullptr) {
      return;
    }
    evidence->refusal = std::move(refusal);
    database::Address& address = evidence->candidate.address;
    const std::size_t end = name.rfind("URL");
    if (end == std::string::npos || !address.user.empty()) {
      return;
    }
    const std::string prefix = name.substr(0, end); // SPRING_DATASOURCE_
    address.user = first_of(view, prefix, {"USERNAME", "USER"});
    if (address.password.empty()) {
      address.password = database::Secret(first_of(view, prefix, {"PASSWORD"}));
    }
  }

  [[nodiscard]] Origin origin(Role role) const {
    Origin origin;
    origin.variables = &variables_;
    origin.bases = {joined(directory_, "prisma"), directory_, "", joined(directory_, "database")};
    origin.role = role;
    origin.rank = Rank::variable;
    return origin;
  }

  static std::string first_of(const View& view, const std::string& prefix,
                              std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) {
      if (const std::optional<Found> found = view(prefix + std::string(name))) {
        return found->text;
      }
    }
    return {};
  }

  /// Whether the package is the one to list what was found: the root lists what the process has.
  [[nodiscard]] bool owns(const Found& found) const {
    return found.file.empty()
               ? directory_.empty()
               : std::ranges::any_of(variables_.own_files(), [&](const EnvironmentFile& file) {
                   return file.path == found.file;
                 });
  }

  void search_group(const Group& group, const View& view, Role role, std::string refusal) {
    const std::string prefix(group.prefix);
    std::optional<Found> database;
    for (const char* const name : {"DATABASE", "NAME", "DBNAME", "DB", "DATABASE_NAME"}) {
      database = database ? database : view(prefix + name);
    }
    const std::string kind =
        first_of(view, prefix, {"CONNECTION", "DRIVER", "DIALECT", "TYPE", "ENGINE", "CLIENT"});
    std::string host = first_of(view, prefix, {"HOST", "HOSTNAME", "SERVER"});
    const std::string port = first_of(view, prefix, {"PORT"});
    const bool is_laravel = files_.has(joined(directory_, "artisan"));
    if (!database && is_laravel && driver_word(kind) == "sqlite") {
      database = view(prefix + "CONNECTION");
      database->text = "database.sqlite";
    }
    if (!database || database->text.empty() || !owns(*database) ||
        (host.empty() && (group.needs_host || (kind.empty() && group.driver.empty())))) {
      return;
    }
    std::string driver = group.driver.empty() ? driver_word(kind) : std::string(group.driver);
    if (driver.empty() && kind.empty()) {
      driver = port == "5432"   ? "postgres"
               : port == "3306" ? "mariadb"
                                : variables_.package().likely_driver;
    }
    if (driver.empty() && is_named_by_framework(*database)) {
      return;
    }
    if (driver.empty()) {
      files_.note("which kind of database " + quoted(std::string_view(database->variable)) +
                  " in " +
                  (database->file.empty() ? "the environment" : printable(database->file)) +
                  " names, nothing says");
      return;
    }
    Evidence evidence;
    database::Address& address = evidence.candidate.address;
    address.driver = driver;
    address.database = database->text;
    if (driver != "sqlite") {
      const std::string socket = first_of(view, prefix, {"SOCKET"});
      address.host = socket.empty() ? host : socket;
      std::from_chars(port.data(), port.data() + port.size(), address.port);
      address.user = first_of(view, prefix, {"USERNAME", "USER"});
      address.password = database::Secret(first_of(view, prefix, {"PASSWORD", "PASS"}));
    }
    evidence.candidate.file = database->file;
    evidence.candidate.line = database->line;
    evidence.candidate.variable = database->variable;
    evidence.role = stronger(role, role_of(name_of(database->file)));
    evidence.rank = Rank::variable;
    evidence.bases = origin(role).bases;
    evidence.refusal = std::move(refusal);
    found_.push_back(std::move(evidence));
  }

  /// Whether a file of a framework, which says more, has named the same variable.
  [[nodiscard]] bool is_named_by_framework(const Found& name) const {
    return std::ranges::any_of(found_, [&](const Evidence& evidence) {
      return evidence.candidate.variable == name.variable && evidence.candidate.file == name.file;
    });
  }

  Extractor& extractor_;
  ProjectFiles& files_;
  const Variables& variables_;
  std::vector<Evidence>& found_;
  const std::string& directory_;
};

} // namespace

void find_in_environment(Extractor& extractor, ProjectFiles& files, const Variables& variables,
                         std::vector<Evidence>& found) {
  Search(extractor, files, variables, found).search();
}

} // namespace savepoint::discovery
