#include "config/dotenv.hpp"

#include <algorithm>
#include <array>

namespace savepoint::config {
namespace {

/// How far down packages of a workspace are looked for: `packages/@scope/name/package.json`.
constexpr std::ptrdiff_t k_deepest_package = 3;

// A pattern has at most one `*`, which stands for anything.

/// Files that configure a package, wherever in a workspace it is.
constexpr std::array<std::string_view, 58> k_package_files = {
    // JavaScript and TypeScript
    "package.json", "tsconfig*.json", "jsconfig.json", "deno.json", "deno.jsonc", ".npmrc",
    ".nvmrc", ".node-version", "next.config.*", "nuxt.config.*", "svelte.config.*",
    "astro.config.*", "vite.config.*", "webpack.config.*", "rollup.config.*", "babel.config.*",
    ".babelrc*", ".eslintrc*", "eslint.config.*", ".prettierrc*", "prettier.config.*",
    "tailwind.config.*", "postcss.config.*", "jest.config.*", "vitest.config.*",
    "playwright.config.*", "drizzle.config.*", "prisma.config.*", "knexfile.*", "ormconfig.*",
    // Python
    "pyproject.toml", "setup.cfg", "requirements*.txt", "alembic.ini", "tox.ini", "pytest.ini",
    // Ruby, PHP, Go, Rust
    "Gemfile", "composer.json", "go.mod", "Cargo.toml",
    // containers and hosting
    "Dockerfile", "Dockerfile.*", "*.Dockerfile", "docker-compose*.yml", "docker-compose*.yaml",
    "compose*.yml", "compose*.yaml", "Procfile", "nginx.conf", "fly.toml", "vercel.json",
    "netlify.toml", "wrangler.toml", "render.yaml", ".dockerignore",
    // whole projects
    ".tool-versions", ".editorconfig", "savepoint.json"};

/// Files that large trees have in every directory: only the one at the root is listed.
constexpr std::array<std::string_view, 5> k_root_files = {
    "Makefile", "GNUmakefile", "CMakeLists.txt", "CMakePresets.json", "meson.build"};

constexpr std::array<std::string_view, 3> k_foreign_directories = {"node_modules", "vendor",
                                                                   "third_party"};

bool matches(std::string_view name, std::string_view pattern) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) {
    return name == pattern;
  }
  const std::string_view ending = pattern.substr(star + 1);
  return name.size() + 1 >= pattern.size() && name.starts_with(pattern.substr(0, star)) &&
         name.ends_with(ending);
}

bool is_foreign(std::string_view directories) {
  while (!directories.empty()) {
    const std::size_t slash = std::min(directories.find('/'), directories.size());
    if (std::ranges::find(k_foreign_directories, directories.substr(0, slash)) !=
        k_foreign_directories.end()) {
      return true;
    }
    directories.remove_prefix(std::min(slash + 1, directories.size()));
  }
  return false;
}

} // namespace

bool is_known_config_file(std::string_view path) {
  constexpr std::string_view k_rails_database = "/config/database.yml";
  const std::ptrdiff_t depth = std::ranges::count(path, '/');
  if (depth > k_deepest_package) {
    return false;
  }
  const std::size_t name_at = depth == 0 ? 0 : path.rfind('/') + 1;
  const std::string_view name = path.substr(name_at);
  const auto names_it = [&](std::string_view pattern) { return matches(name, pattern); };
  if (depth == 0 && std::ranges::any_of(k_root_files, names_it)) {
    return true;
  }
  const bool is_rails_database =
      path == k_rails_database.substr(1) || path.ends_with(k_rails_database);
  return (is_rails_database || std::ranges::any_of(k_package_files, names_it)) &&
         !is_foreign(path.substr(0, name_at));
}

} // namespace savepoint::config
