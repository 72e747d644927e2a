#include "discovery/internal/packages.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "discovery/internal/settings_tree.hpp"
#include "json/value.hpp"

#include <algorithm>
#include <array>

namespace savepoint::discovery {
namespace {

constexpr std::size_t k_most_packages = 100;
constexpr std::size_t k_deepest_pattern = 4;

/// A JSON file of the project; null if it is none. Trouble is noted.
json::Value read_json(ProjectFiles& files, const std::string& path) {
  const std::optional<std::string> text = files.read(path);
  if (!text) {
    return {};
  }
  try {
    return json::parse(*text, path, json::Comments::allow);
  } catch (const UsageError&) {
    files.note(quoted(path) + " was not read: it is not JSON");
    return {};
  }
}

/// A directory that is listed in workspaces is no package if these are its name.
bool is_foreign(std::string_view name) {
  return name.starts_with('.') || name == "node_modules" || name == "vendor";
}

/// Adds the directories that a pattern such as `packages/*` stands for.
void expand(ProjectFiles& files, const std::string& directory, std::string_view pattern,
            std::size_t depth, std::vector<std::string>& found) {
  if (depth > k_deepest_pattern || found.size() > k_most_packages) {
    return;
  }
  if (pattern.empty()) {
    found.push_back(directory);
    return;
  }
  const std::size_t slash = std::min(pattern.find('/'), pattern.size());
  const std::string_view step = pattern.substr(0, slash);
  const std::string_view rest = pattern.substr(std::min(slash + 1, pattern.size()));
  if (step.empty() || step == ".") {
    expand(files, directory, rest, depth, found);
    return;
  }
  if (step.find('*') == std::string_view::npos) {
    if (step != ".." && files.names(directory).contains(step)) {
      expand(files, joined(directory, step), rest, depth + 1, found);
    }
    return;
  }
  const std::string_view before = step.substr(0, step.find('*'));
  for (const std::string& name : files.names(directory)) {
    if (!is_foreign(name) && name.starts_with(before)) {
      expand(files, joined(directory, name), rest, depth + 1, found);
    }
  }
}

std::vector<std::string> workspace_patterns(ProjectFiles& files, const json::Value& manifest) {
  std::vector<std::string> patterns = {"apps/*", "packages/*", "services/*"};
  const json::Value* workspaces = manifest.find("workspaces");
  if (workspaces != nullptr && workspaces->is_object()) {
    workspaces = workspaces->find("packages");
  }
  if (workspaces != nullptr && workspaces->is_array()) {
    for (const json::Value& item : workspaces->items()) {
      if (item.is_string()) {
        patterns.push_back(item.as_string());
      }
    }
  }
  if (const auto text = files.read("pnpm-workspace.yaml")) {
    const Node tree = read_yaml(*text, Placeholders::none);
    if (const Node* const packages = tree.child("packages")) {
      for (const auto& [key, value] : packages->settings) {
        patterns.push_back(value.alternatives[0][0].text);
      }
    }
  }
  for (const char* const name : {"backend", "server", "api", "web", "frontend", "client", "app",
                                 "src", "site", "project", "db", "database"}) {
    patterns.emplace_back(name);
  }
  return patterns;
}

std::string text_at(const json::Value& value, std::string_view first, std::string_view second) {
  const json::Value* const outer = value.find(first);
  const json::Value* const inner = outer == nullptr ? nullptr : outer->find(second);
  return inner != nullptr && inner->is_string() ? inner->as_string() : std::string();
}

void read_dependencies(Package& package, const json::Value& manifest) {
  for (const char* const kind : {"dependencies", "devDependencies", "peerDependencies"}) {
    const json::Value* const members = manifest.find(kind);
    if (members != nullptr && members->is_object()) {
      for (const auto& [name, version] : members->members()) {
        package.dependencies.insert(name);
      }
    }
  }
}

/// What the names of client libraries in `text` say.
void guess_driver(Package& package, std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 10> k_clients = {{
      {"psycopg", "postgres"},
      {"asyncpg", "postgres"},
      {"lib/pq", "postgres"},
      {"jackc/pgx", "postgres"},
      {"gem \"pg\"", "postgres"},
      {"gem 'pg'", "postgres"},
      {"mysqlclient", "mariadb"},
      {"pymysql", "mariadb"},
      {"go-sql-driver/mysql", "mariadb"},
      {"mysql2", "mariadb"},
  }};
  for (const auto& [client, driver] : k_clients) {
    if (text.find(client) != std::string_view::npos) {
      const bool contradicts = !package.likely_driver.empty() && package.likely_driver != driver;
      package.likely_driver = contradicts ? "?" : driver;
    }
  }
}

config::DotenvDialect dialect_of(ProjectFiles& files, const Package& package) {
  using config::DotenvDialect;
  const auto& names = files.names(package.directory);
  const auto has = [&](std::string_view name) { return names.contains(name); };
  if (has("manage.py") || has("pyproject.toml") || has("requirements.txt") || has("setup.py") ||
      has("Pipfile") || has("alembic.ini")) {
    return DotenvDialect::python;
  }
  if (has("Gemfile")) {
    return DotenvDialect::ruby;
  }
  if (!has("package.json") || has("artisan") || has("composer.json") || has("go.mod")) {
    return DotenvDialect::go;
  }
  constexpr std::array<std::string_view, 12> k_expanding = {
      "next",          "vite",          "@prisma/client", "prisma",
      "dotenv-expand", "nuxt",          "@nestjs/config", "dotenv-cli",
      "react-scripts", "@angular/core", "astro",          "@sveltejs/kit"};
  return std::ranges::any_of(k_expanding,
                             [&](std::string_view name) { return package.depends_on(name); })
             ? DotenvDialect::expanding_javascript
             : DotenvDialect::javascript;
}

std::string mode_of(ProjectFiles& files, const Package& package,
                    const std::map<std::string, std::string>& environment) {
  const auto& names = files.names(package.directory);
  std::vector<std::string> variables = {"NODE_ENV", "APP_ENV"};
  if (names.contains("Gemfile")) {
    variables = {"RAILS_ENV", "RACK_ENV"};
  } else if (names.contains("artisan") || names.contains("composer.json")) {
    variables = {"APP_ENV"};
  }
  for (const std::string& variable : variables) {
    const auto found = environment.find(variable);
    if (found != environment.end() && !found->second.empty() &&
        found->second.find('/') == std::string::npos) {
      return found->second;
    }
  }
  return "development";
}

} // namespace

Package read_package(ProjectFiles& files, const std::string& directory,
                     const std::map<std::string, std::string>& environment) {
  Package package;
  package.directory = directory;
  const json::Value manifest = read_json(files, joined(directory, "package.json"));
  read_dependencies(package, manifest);
  package.prisma_schema = text_at(manifest, "prisma", "schema");
  package.dialect = dialect_of(files, package);
  package.loads_as_vite = (package.depends_on("vite") && !package.depends_on("next")) ||
                          package.depends_on("astro") ||
                          files.names(package.directory).contains("composer.json");
  package.mode = mode_of(files, package, environment);
  if (package.depends_on("pg") || package.depends_on("postgres")) {
    guess_driver(package, "lib/pq");
  }
  if (package.depends_on("mysql") || package.depends_on("mysql2") ||
      package.depends_on("mariadb")) {
    guess_driver(package, "mysql2");
  }
  for (const char* const name :
       {"requirements.txt", "pyproject.toml", "Pipfile", "go.mod", "Gemfile"}) {
    if (const auto text = files.read(joined(package.directory, name))) {
      guess_driver(package, *text);
    }
  }
  if (package.likely_driver == "?") {
    package.likely_driver.clear();
  }
  return package;
}

std::vector<Package> find_packages(ProjectFiles& files,
                                   const std::map<std::string, std::string>& environment) {
  const json::Value manifest = read_json(files, "package.json");
  std::vector<Package> packages = {read_package(files, "", environment)};
  std::vector<std::string> directories;
  for (const std::string& pattern : workspace_patterns(files, manifest)) {
    if (!pattern.starts_with('!')) {
      expand(files, "", pattern, 0, directories);
    }
  }
  std::set<std::string> seen = {""};
  for (const std::string& directory : directories) {
    if (packages.size() > k_most_packages) {
      files.note("only the first 100 packages of the workspace were looked at");
      break;
    }
    if (seen.insert(directory).second && !files.names(directory).empty()) {
      packages.push_back(read_package(files, directory, environment));
    }
  }
  return packages;
}

} // namespace savepoint::discovery
