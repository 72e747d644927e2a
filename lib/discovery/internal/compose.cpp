#include "discovery/internal/evidence.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

namespace savepoint::discovery {
namespace {

constexpr std::uint16_t k_postgres_port = 5432;
constexpr std::uint16_t k_mariadb_port = 3306;
constexpr std::uint16_t k_mongodb_port = 27017;
constexpr std::uint16_t k_redis_port = 6379;

bool is_compose_name(std::string_view name) {
  const bool is_yaml = name.ends_with(".yml") || name.ends_with(".yaml");
  return is_yaml && (name.starts_with("docker-compose") || name.starts_with("compose"));
}

/// compose.yaml before compose.override.yaml before compose.test.yaml
int order_of(std::string_view name) {
  if (name.find("override") != std::string_view::npos) {
    return 1;
  }
  return std::ranges::count(name, '.') == 1 ? 0 : 2;
}

std::string driver_of_image(std::string_view image) {
  constexpr std::array<std::string_view, 7> k_tools = {"backup",  "exporter",  "bouncer", "admin",
                                                       "express", "commander", "insight"};
  constexpr std::array<std::pair<std::string_view, std::string_view>, 10> k_images = {{
      {"postgres", "postgres"},
      {"postgis", "postgres"},
      {"pgvector", "postgres"},
      {"timescale", "postgres"},
      {"mysql", "mariadb"},
      {"mariadb", "mariadb"},
      {"percona", "mariadb"},
      {"mongo", "mongodb"},
      {"redis", "redis"},
      {"valkey", "redis"},
  }};
  image = image.substr(0, image.find('@'));
  const auto is_in_image = [&](std::string_view word) {
    return image.find(word) != std::string_view::npos;
  };
  if (std::ranges::any_of(k_tools, is_in_image)) {
    return {};
  }
  const auto* const found =
      std::ranges::find_if(k_images, is_in_image, [](const auto& pair) { return pair.first; });
  return found == k_images.end() ? std::string() : std::string(found->second);
}

std::uint16_t usual_port(std::string_view driver) {
  return driver == "postgres"  ? k_postgres_port
         : driver == "mariadb" ? k_mariadb_port
         : driver == "mongodb" ? k_mongodb_port
                               : k_redis_port;
}

std::uint16_t number_from(std::string_view text) {
  std::uint16_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failure == std::errc() && end == text.data() + text.size() ? number : std::uint16_t{0};
}

/// What all files that are read together say of a service.
struct Description {
  std::string file;
  std::size_t line = 0;
  std::string image;
  bool is_on_host_network = false;
  std::map<std::string, Found, std::less<>> environment;
  struct Port {
    std::string host;
    std::uint16_t published = 0;
    std::uint16_t inside = 0;
  };
  std::vector<Port> ports;
};
using Descriptions = std::map<std::string, Description>;

/// The compose files of one directory.
class Compose {
public:
  Compose(Extractor& extractor, ProjectFiles& files, const Variables& variables,
          std::vector<Evidence>& found, std::vector<Service>& services)
      : extractor_(extractor), files_(files), variables_(variables), found_(found),
        services_(services) {}

  void search(const std::string& directory) {
    std::vector<std::string> names;
    std::ranges::copy_if(files_.names(directory), std::back_inserter(names), is_compose_name);
    std::ranges::stable_sort(names, {}, [](const std::string& name) { return order_of(name); });
    Descriptions together;
    bool is_reported = false;
    for (const std::string& name : names) {
      if (order_of(name) == 2 && !is_reported) {
        report(together, Role::main);
        is_reported = true;
      }
      const auto text = files_.read(joined(directory, name));
      const Node tree = text ? read_yaml(*text, Placeholders::compose) : Node();
      const Node* const services = tree.child("services");
      if (services == nullptr) {
        continue;
      }
      Descriptions apart;
      for (const Node& service : services->children) {
        Descriptions& into = is_reported ? apart : together;
        if (is_reported && !into.contains(service.label) && together.contains(service.label)) {
          into[service.label].image = together[service.label].image;
        }
        describe(into[service.label], service, joined(directory, name));
      }
      report(apart, role_of(name));
    }
    if (!is_reported) {
      report(together, Role::main);
    }
  }

private:
  [[nodiscard]] std::optional<Found> resolve(const Value& value, const std::string& file) const {
    return variables_.resolve(value, nullptr, file);
  }
  [[nodiscard]] std::string text(const Node& node, std::string_view key) const {
    const Value* const value = node.find(key);
    const std::optional<Found> found = value == nullptr ? std::nullopt : resolve(*value, {});
    return found ? found->text : std::string();
  }

  void describe(Description& into, const Node& service, const std::string& file) {
    into.line = into.file.empty() ? service.line : into.line;
    into.file = into.file.empty() ? file : into.file;
    if (std::string image = text(service, "image"); !image.empty()) {
      into.image = std::move(image);
    }
    into.is_on_host_network = into.is_on_host_network || text(service, "network_mode") == "host";
    read_environment_files(into, service, file);
    if (const Node* const environment = service.child("environment")) {
      read_environment(into, *environment, file);
    }
    if (const Node* const ports = service.child("ports")) {
      read_ports(into, *ports);
    }
  }

  void read_environment_files(Description& into, const Node& service, const std::string& file) {
    std::vector<std::string> paths = {text(service, "env_file")};
    if (const Node* const list = service.child("env_file")) {
      for (const auto& [key, value] : list->settings) {
        const std::optional<Found> path = resolve(value, {});
        paths.push_back(path ? path->text : std::string());
      }
      for (const Node& item : list->children) {
        paths.push_back(text(item, "path"));
      }
    }
    for (const std::string& path : paths) {
      const auto inner = path.empty() ? std::nullopt : inner_path(directory_of(file), path);
      const auto opened = inner ? variables_.open(*inner) : std::nullopt;
      if (!opened) {
        continue;
      }
      for (const config::DotenvSetting& setting : opened->settings) {
        if (const std::optional<Found> found = variables_.find_in(*opened, setting.key)) {
          into.environment.insert_or_assign(setting.key, *found);
        }
      }
    }
  }

  void read_environment(Description& into, const Node& environment, const std::string& file) {
    for (const auto& [key, value] : environment.settings) {
      std::optional<Found> found = resolve(value, file);
      std::string name = key;
      if (found && key.empty()) { // - KEY=value
        const std::size_t equals = found->text.find('=');
        if (equals == std::string::npos) {
          continue;
        }
        name = found->text.substr(0, equals);
        found->text.erase(0, equals + 1);
      }
      if (found) {
        if (found->variable.empty()) {
          found->variable = name;
        }
        into.environment.insert_or_assign(name, *found);
      }
    }
  }

  /// `5433:5432`, `127.0.0.1:5433:5432/tcp`, `{ published: 5433, target: 5432 }`.
  void read_ports(Description& into, const Node& ports) {
    for (const auto& [key, value] : ports.settings) {
      const std::optional<Found> found = resolve(value, {});
      std::string_view rest = found ? std::string_view(found->text) : std::string_view();
      rest = rest.substr(0, rest.find('/'));
      const std::size_t last = rest.rfind(':');
      if (last == std::string_view::npos) {
        continue; // any free port: which one is not known
      }
      const std::uint16_t inside = number_from(rest.substr(last + 1));
      rest = rest.substr(0, last);
      const std::size_t first = rest.rfind(':');
      const bool has_host = first != std::string_view::npos;
      into.ports.push_back({std::string(has_host ? rest.substr(0, first) : std::string_view()),
                            number_from(has_host ? rest.substr(first + 1) : rest), inside});
    }
    for (const Node& port : ports.children) {
      into.ports.push_back({text(port, "host_ip"), number_from(text(port, "published")),
                            number_from(text(port, "target"))});
    }
  }

  void report(const Descriptions& descriptions, Role role) {
    for (const auto& [name, description] : descriptions) {
      std::string driver = driver_of_image(description.image);
      const bool is_built = description.image.empty();
      if (is_built && description.environment.contains("POSTGRES_PASSWORD") && looks_like(name)) {
        driver = "postgres";
      }
      if (is_built && description.environment.contains("MYSQL_ROOT_PASSWORD") && looks_like(name)) {
        driver = "mariadb";
      }
      if (driver.empty()) {
        report_program(description, role);
      } else {
        report_server(name, description, driver, stronger(role, role_of(name)));
      }
    }
  }

  static bool looks_like(std::string_view name) {
    return name.find("db") != std::string_view::npos ||
           name.find("sql") != std::string_view::npos ||
           name.find("postgres") != std::string_view::npos ||
           name.find("database") != std::string_view::npos;
  }

  /// A program in a container is told by its environment where its database is.
  void report_program(const Description& description, Role role) {
    Origin origin;
    origin.variables = &variables_;
    origin.role = role;
    origin.rank = Rank::service;
    for (const auto& [name, found] : description.environment) {
      if (is_database_url(found.text)) {
        static_cast<void>(extractor_.add_url(found, origin, {}));
      }
    }
  }

  void report_server(const std::string& name, const Description& description,
                     const std::string& driver, Role role) {
    Service service{name, description.file, usual_port(driver), "127.0.0.1", 0};
    if (description.is_on_host_network) {
      service.published = service.port;
    }
    for (const Description::Port& port : description.ports) {
      if (port.inside == service.port && port.published != 0) {
        const bool is_everywhere = port.host.empty() || port.host == "0.0.0.0" ||
                                   port.host.find("::") != std::string::npos;
        service.host = is_everywhere ? "127.0.0.1" : port.host;
        service.published = port.published;
      }
    }
    const auto value = [&](std::initializer_list<std::string_view> keys) {
      for (const std::string_view key : keys) {
        const auto found = description.environment.find(key);
        if (found != description.environment.end() && !found->second.text.empty()) {
          return found->second.text;
        }
      }
      return std::string();
    };

    Evidence evidence;
    database::Address& address = evidence.candidate.address;
    address.driver = driver;
    address.host = name;
    if (driver == "postgres") {
      address.user = value({"POSTGRES_USER", "POSTGRESQL_USERNAME"});
      address.user = address.user.empty() ? "postgres" : address.user;
      address.database = value({"POSTGRES_DB", "POSTGRESQL_DATABASE"});
      address.database = address.database.empty() ? address.user : address.database;
      address.password = database::Secret(value({"POSTGRES_PASSWORD", "POSTGRESQL_PASSWORD"}));
    } else if (driver == "mariadb") {
      address.database = value({"MYSQL_DATABASE", "MARIADB_DATABASE"});
      address.user = value({"MYSQL_USER", "MARIADB_USER"});
      address.password = database::Secret(
          address.user.empty() ? value({"MYSQL_ROOT_PASSWORD", "MARIADB_ROOT_PASSWORD"})
                               : value({"MYSQL_PASSWORD", "MARIADB_PASSWORD"}));
      address.user = address.user.empty() ? "root" : address.user;
    } else {
      address.database = value({"MONGO_INITDB_DATABASE"});
    }
    evidence.candidate.file = description.file;
    evidence.candidate.line = description.line;
    evidence.role = role;
    evidence.rank = Rank::service;
    evidence.is_server = true;
    if (role == Role::main) {
      services_.push_back(std::move(service));
    } else {
      address.host = service.published == 0 ? name : service.host;
      address.port = service.published;
    }
    found_.push_back(std::move(evidence));
  }

  Extractor& extractor_;
  ProjectFiles& files_;
  const Variables& variables_;
  std::vector<Evidence>& found_;
  std::vector<Service>& services_;
};

} // namespace

void find_in_compose(Extractor& extractor, ProjectFiles& files, const Variables& variables,
                     std::vector<Evidence>& found, std::vector<Service>& services) {
  Compose compose(extractor, files, variables, found, services);
  const std::string& directory = variables.package().directory;
  compose.search(directory);
  for (const char* const below : {".devcontainer", "docker", "infra", "deploy"}) {
    if (files.has(joined(directory, below))) {
      compose.search(joined(directory, below));
    }
  }
}

} // namespace savepoint::discovery
