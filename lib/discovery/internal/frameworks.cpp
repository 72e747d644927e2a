#include "discovery/internal/evidence.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace savepoint::discovery {
namespace {

bool ends_with_one_of(std::string_view name, std::initializer_list<std::string_view> endings) {
  return std::ranges::any_of(endings,
                             [&](std::string_view ending) { return name.ends_with(ending); });
}

bool is_script(std::string_view name) {
  return ends_with_one_of(name, {".ts", ".js", ".mjs", ".cjs", ".mts", ".cts", ".json"});
}

/// `data-source.ts` for "data-source".
bool is_script_called(std::string_view name, std::string_view stem) {
  return is_script(name) && name.substr(0, name.rfind('.')) == stem;
}

/// Gives variables in the settings of `block` the values that other settings of it have.
void insert_own(Node& block) {
  const std::vector<std::pair<std::string, Value>> settings = block.settings;
  const auto insert = [&](Part& part) {
    const auto own = std::find_if(settings.rbegin(), settings.rend(), [&](const auto& setting) {
      return part.kind == Part::Kind::variable && setting.first == part.text;
    });
    if (own == settings.rend() || own->second.alternatives.size() != 1 ||
        own->second.alternatives[0].size() != 1) {
      return;
    }
    if (own->second.alternatives[0][0].kind == Part::Kind::text) {
      part.fallback = own->second.alternatives[0][0].text;
    }
  };
  for (auto& [key, value] : block.settings) {
    for (Template& alternative : value.alternatives) {
      std::ranges::for_each(alternative, insert);
    }
  }
}

/// The frameworks of one package, one after the other.
class Frameworks {
public:
  Frameworks(Extractor& extractor, ProjectFiles& files, const Variables& variables)
      : extractor_(extractor), files_(files), variables_(variables),
        directory_(variables.package().directory) {}

  void search() {
    search_prisma();
    search_scripts();
    search_django();
    search_alembic();
    search_rails();
    search_jvm();
    search_go();
    search_supabase();
  }

private:
  [[nodiscard]] std::string at(std::string_view name) const { return joined(directory_, name); }
  [[nodiscard]] const std::set<std::string, std::less<>>& names(std::string_view below = {}) {
    return files_.names(below.empty() ? directory_ : at(below));
  }
  [[nodiscard]] bool has(std::string_view name) { return files_.has(at(name)); }

  [[nodiscard]] Origin origin(const std::string& path, Role role) const {
    Origin origin;
    origin.variables = &variables_;
    origin.file = path;
    origin.bases = {directory_of(path), directory_, joined(directory_, "prisma"), ""};
    origin.role = role;
    return origin;
  }

  /// Returns how many databases it speaks of.
  std::size_t read_as_source(const std::string& path, Language language, Role role = Role::main) {
    const auto text = files_.read(path);
    return text ? extractor_.extract(read_source(*text, language), origin(path, role)) : 0;
  }
  void search_prisma() {
    std::set<std::string> schemas;
    const auto add_all_in = [&](const std::string& directory) {
      for (const std::string& name : files_.names(directory)) {
        if (name.ends_with(".prisma")) {
          schemas.insert(joined(directory, name));
        }
      }
    };
    const std::string& configured = variables_.package().prisma_schema;
    if (const auto path = configured.empty() ? std::nullopt : inner_path(directory_, configured)) {
      schemas.insert(*path);
      add_all_in(*path);
    }
    for (const std::string& name : names()) {
      if (name.ends_with(".prisma")) {
        schemas.insert(at(name));
      }
    }
    if (has("prisma")) {
      add_all_in(at("prisma"));
      add_all_in(at("prisma/schema"));
    }
    for (const std::string& schema : schemas) {
      read_as_source(schema, Language::blocks);
    }
  }

  /// Files that configure a JavaScript library and say so in their name.
  void search_scripts() {
    for (const std::string& name : names()) {
      const bool is_drizzle =
          name.starts_with("drizzle") && name.find("config") != std::string::npos;
      const bool is_known =
          is_drizzle || name.starts_with("prisma.config.") || name.starts_with("typeorm.config.") ||
          name.starts_with("mikro-orm.config.") || is_script_called(name, "knexfile") ||
          is_script_called(name, "ormconfig") || is_script_called(name, "data-source");
      if (is_known && is_script(name)) {
        read_as_source(at(name), Language::javascript, role_of(name));
      }
    }
    search_sequelize();
    constexpr std::array<std::string_view, 6> k_libraries = {
        "typeorm", "sequelize", "knex", "drizzle-orm", "@mikro-orm/core", "@nestjs/typeorm"};
    const bool has_library = std::ranges::any_of(k_libraries, [&](std::string_view library) {
      return variables_.package().depends_on(library);
    });
    if (!has_library || !has("src")) {
      return;
    }
    constexpr std::array<std::string_view, 10> k_stems = {
        "data-source", "app-data-source", "ormconfig",       "knexfile", "mikro-orm.config",
        "database",    "app.module",      "database.module", "config",   "typeorm.config"};
    for (const char* const folder :
         {"src", "src/config", "src/db", "src/database", "src/app", "src/data"}) {
      for (const std::string& name : names(folder)) {
        if (std::ranges::any_of(
                k_stems, [&](std::string_view stem) { return is_script_called(name, stem); })) {
          read_as_source(joined(at(folder), name), Language::javascript, role_of(name));
        }
      }
    }
  }

  void search_sequelize() {
    for (const char* const path :
         {"config/config.json", "config/config.js", "config/config.cjs", "config/database.json",
          "config/database.js", "config/database.ts", "db/config/config.json"}) {
      if (has(path)) {
        read_as_source(at(path), Language::javascript);
      }
    }
    const auto text = files_.read(at(".sequelizerc"));
    if (!text) {
      return;
    }
    const Node tree = read_source(*text, Language::javascript);
    const std::optional<Found> path = config_path(tree);
    const auto inner = path ? inner_path(directory_, path->text) : std::nullopt;
    if (inner) {
      read_as_source(*inner, Language::javascript);
    }
  }

  [[nodiscard]] std::optional<Found> config_path(const Node& node) const {
    if (const Value* const value = node.find("config")) {
      return variables_.resolve(*value, nullptr, {});
    }
    for (const Node& child : node.children) {
      if (std::optional<Found> path = config_path(child)) {
        return path;
      }
    }
    return std::nullopt;
  }

  /// The module that `DJANGO_SETTINGS_MODULE` names, and those beside it that it may be made of.
  void search_django() {
    const auto manage = files_.read(at("manage.py"));
    if (!manage) {
      return;
    }
    std::string module;
    const auto from_environment = variables_.process().find("DJANGO_SETTINGS_MODULE");
    if (from_environment != variables_.process().end()) {
      module = from_environment->second;
    } else if (const std::size_t name = manage->find("DJANGO_SETTINGS_MODULE");
               name != std::string::npos) {
      const std::string rest = manage->substr(std::min(name + 23, manage->size()));
      const std::size_t begin = rest.find_first_of("\"'");
      const std::size_t end =
          begin == std::string::npos ? begin : rest.find(rest[begin], begin + 1);
      module = end == std::string::npos ? std::string() : rest.substr(begin + 1, end - begin - 1);
    }
    std::ranges::replace(module, '.', '/');
    const std::string in_effect = at(module + ".py");
    if (module.empty() || module.find("//") != std::string::npos) {
      return;
    }
    if (files_.has(in_effect)) {
      read_as_source(in_effect, Language::python, role_of(name_of(module)));
    }
    // `settings/` is one module in several files; `settings.py` may stand beside others.
    const bool is_folder = files_.has(at(module)) || name_of(directory_of(module)) == "settings";
    const std::string folder = files_.has(at(module)) ? at(module) : at(directory_of(module));
    if (!is_folder) {
      return;
    }
    for (const std::string& name : files_.names(folder)) {
      if (name.ends_with(".py") && joined(folder, name) != in_effect) {
        read_as_source(joined(folder, name), Language::python, role_of(name));
      }
    }
  }

  void search_alembic() {
    if (const auto text = files_.read(at("alembic.ini"))) {
      Node tree = read_lines(*text, Placeholders::python);
      std::ranges::for_each(tree.children, insert_own);
      extractor_.extract(tree, origin(at("alembic.ini"), Role::main));
    }
    if (has("pyproject.toml") && !has("alembic.ini")) {
      if (const auto text = files_.read(at("pyproject.toml"));
          text && text->find("alembic") != std::string::npos) {
        extractor_.extract(read_lines(*text, Placeholders::none),
                           origin(at("pyproject.toml"), Role::main));
      }
    }
    for (const char* const path : {"alembic/env.py", "migrations/env.py", "app/alembic/env.py"}) {
      if (has(path)) {
        if (read_as_source(at(path), Language::python) > 0) {
          extractor_.refuse(at("alembic.ini"), "overridden by " + at(path));
        }
      }
    }
  }

  void search_rails() {
    for (const char* const path : {"config/database.yml", "config/database.yaml"}) {
      if (const auto text = has(path) ? files_.read(at(path)) : std::nullopt) {
        Origin from = origin(at(path), Role::main);
        from.bases = {directory_, joined(directory_, "db"), directory_of(at(path))};
        const std::size_t count = extractor_.extract(read_yaml(*text, Placeholders::erb), from);
        const std::optional<Found> url = variables_.find("DATABASE_URL");
        if (count > 0 && url && is_database_url(url->text)) {
          extractor_.refuse(at(path), "overridden by DATABASE_URL");
        }
      }
    }
  }

  void search_jvm() {
    for (const char* const folder : {"", "conf", "config", "src/main/resources", "db"}) {
      for (const std::string& name : names(folder)) {
        const std::string path = joined(*folder == '\0' ? directory_ : at(folder), name);
        const bool is_flyway =
            name.starts_with("flyway") && ends_with_one_of(name, {".conf", ".toml", ".properties"});
        const bool is_liquibase = name.starts_with("liquibase") && name.ends_with(".properties");
        const bool is_spring = name.starts_with("application");
        if (is_flyway || is_liquibase || (is_spring && name.ends_with(".properties"))) {
          read_properties(path, role_of(name));
        } else if (is_spring && ends_with_one_of(name, {".yml", ".yaml"})) {
          read_spring(path, role_of(name));
        }
      }
    }
  }

  /// `spring.datasource.url` and `flyway.url` have their user and password in keys beside them.
  void read_properties(const std::string& path, Role role) {
    const auto text = files_.read(path);
    if (!text) {
      return;
    }
    Node tree = read_lines(*text, Placeholders::spring);
    nest(tree);
    extractor_.extract(tree, origin(path, role));
  }

  /// Makes blocks of keys with dots: `a.b.c = 1` is `c` in the block `a.b`.
  static void nest(Node& tree) {
    std::vector<std::pair<std::string, Value>> flat;
    flat.swap(tree.settings);
    for (auto& [key, value] : flat) {
      const std::size_t dot = key.rfind('.');
      const std::string label = dot == std::string::npos ? std::string() : key.substr(0, dot);
      auto block = std::ranges::find(tree.children, label, &Node::label);
      if (block == tree.children.end()) {
        tree.children.push_back({label, value.line, {}, {}});
        block = tree.children.end() - 1;
      }
      block->settings.emplace_back(key.substr(dot + 1), std::move(value));
    }
  }

  /// Each document of a file may be for another profile.
  void read_spring(const std::string& path, Role role) {
    const auto text = files_.read(path);
    if (!text) {
      return;
    }
    const Node tree = read_yaml(*text, Placeholders::spring);
    const bool is_single = !tree.settings.empty() || tree.child("") == nullptr;
    if (is_single) {
      extractor_.extract(tree, origin(path, role));
      return;
    }
    for (const Node& document : tree.children) {
      extractor_.extract(document, origin(path, stronger(role, role_of(profile_of(document)))));
    }
  }

  [[nodiscard]] std::string profile_of(const Node& node) const {
    for (const char* const key : {"on-profile", "profiles", "spring.config.activate.on-profile"}) {
      if (const Value* const value = node.find(key)) {
        const std::optional<Found> found = variables_.resolve(*value, nullptr, {});
        return found ? found->text : std::string();
      }
    }
    for (const Node& child : node.children) {
      if (child.label == "spring" || child.label == "config" || child.label == "activate") {
        if (std::string profile = profile_of(child); !profile.empty()) {
          return profile;
        }
      }
    }
    return {};
  }

  void search_go() {
    read_as_source(at("atlas.hcl"), Language::blocks);
    for (const char* const name : {"Makefile", "makefile", "GNUmakefile"}) {
      if (const auto text = files_.read(at(name))) {
        read_makefile(at(name), *text);
      }
    }
  }

  /// A makefile's own settings are seen by its own commands: `GOOSE_DBSTRING ?= …`.
  void read_makefile(const std::string& path, const std::string& text) {
    Node tree = read_lines(text, Placeholders::make);
    const Value* const driver = tree.find("GOOSE_DRIVER");
    Origin from = origin(path, Role::main);
    if (const auto found = driver ? variables_.resolve(*driver, nullptr, path) : std::nullopt) {
      from.driver = driver_word(found->text);
    }
    insert_own(tree);
    extractor_.extract(tree, from);
  }

  void search_supabase() {
    const std::string path = at("supabase/config.toml");
    const auto text = has("supabase") ? files_.read(path) : std::nullopt;
    if (!text) {
      return;
    }
    const Node tree = read_lines(*text, Placeholders::supabase);
    const Node* const block = tree.child("db");
    const Value* const port = block == nullptr ? nullptr : block->find("port");
    std::optional<Found> found = port ? variables_.resolve(*port, nullptr, path) : std::nullopt;
    if (!found) {
      found = Found{"54322", {}, path, 1};
    }
    const std::size_t line = port == nullptr ? 1 : port->line;
    Found url{
        "postgres://postgres:postgres@127.0.0.1:" + found->text + "/postgres", {}, path, line};
    static_cast<void>(extractor_.add_url(url, origin(path, Role::main), {}));
  }

  Extractor& extractor_;
  ProjectFiles& files_;
  const Variables& variables_;
  const std::string& directory_;
};

} // namespace

void find_in_frameworks(Extractor& extractor, ProjectFiles& files, const Variables& variables) {
  Frameworks(extractor, files, variables).search();
}

} // namespace savepoint::discovery
