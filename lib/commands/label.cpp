#include "commands/label.hpp"

#include "commands/internal/base_name.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace savepoint::commands {
namespace {

using std::string_view;

constexpr std::size_t k_longest = 100;

/// Commands that change a database, and the first words that say so; none: every one does.
struct Migration {
  string_view program;
  string_view shown;
  std::array<string_view, 4> begins;
};

constexpr std::array k_migrations{
    Migration{"prisma", "prisma", {"migrate", "db"}},
    Migration{"drizzle-kit", "drizzle-kit", {"migrate", "push", "drop"}},
    Migration{"knex", "knex", {"migrate", "seed"}},
    Migration{"sequelize", "sequelize", {"db"}},
    Migration{"sequelize-cli", "sequelize", {"db"}},
    Migration{"typeorm", "typeorm", {"migration", "schema"}},
    Migration{"typeorm-ts-node-commonjs", "typeorm", {"migration", "schema"}},
    Migration{"typeorm-ts-node-esm", "typeorm", {"migration", "schema"}},
    Migration{"manage.py", "django", {"migrate", "flush", "loaddata", "sqlflush"}},
    Migration{"django-admin", "django", {"migrate", "flush", "loaddata", "sqlflush"}},
    Migration{"rails", "rails", {"db"}},
    Migration{"rake", "rake", {"db"}},
    Migration{"alembic", "alembic", {"upgrade", "downgrade", "stamp"}},
    Migration{"flyway", "flyway", {}},
    Migration{"liquibase", "liquibase", {}},
    Migration{"dbmate", "dbmate", {}},
    Migration{"goose", "goose", {}},
    Migration{"migrate", "migrate", {}},
    Migration{"atlas", "atlas", {"migrate", "schema"}},
    Migration{"supabase", "supabase", {"db", "migration"}},
    Migration{"artisan", "artisan", {"migrate", "db"}},
};

/// Programs that start another one, which follows.
constexpr std::array<string_view, 25> k_launchers{
    "npx",  "pnpx", "bunx",    "npm",    "pnpm",    "yarn",   "bun", "exec",      "dlx",
    "x",    "run",  "poetry",  "uv",     "pipenv",  "bundle", "env", "cross-env", "dotenv",
    "node", "tsx",  "ts-node", "python", "python3", "php",    "ruby"};

/// Without a version, as in `prisma@5` and `python3.11`.
std::string program_name(const std::string& word) {
  std::string name = base_name(word);
  if (const std::size_t at = name.find('@'); at != std::string::npos && at > 0) {
    name.resize(at);
  }
  return name.starts_with("python3.") ? "python3" : name;
}

/// A word of a command, such as `migrate` or `db:migrate`: never a name, a path, a URL or a value.
bool is_plain(string_view word) {
  return !word.empty() && word.size() <= 40 && word.front() >= 'a' && word.front() <= 'z' &&
         std::ranges::all_of(word, [](char letter) {
           return (letter >= 'a' && letter <= 'z') || letter == ':' || letter == '-';
         });
}

bool begins_as(const Migration& migration, string_view word) {
  if (migration.begins.front().empty()) {
    return true;
  }
  const string_view first = word.substr(0, word.find(':'));
  return !first.empty() && std::ranges::find(migration.begins, first) != migration.begins.end();
}

std::optional<Label> migration_at(const std::vector<std::string>& words, std::size_t at) {
  const std::string name = program_name(words[at]);
  for (const Migration& migration : k_migrations) {
    const std::string_view next = at + 1 < words.size() ? words[at + 1] : std::string_view();
    if (migration.program != name || !begins_as(migration, next)) {
      continue;
    }
    Label label{.text = std::string(migration.shown), .is_migration = true};
    for (std::size_t i = at + 1; i < std::min(words.size(), at + 3) && is_plain(words[i]); ++i) {
      label.text += " " + words[i];
    }
    return label;
  }
  return std::nullopt;
}

bool leads_on(const std::string& word) {
  return word.starts_with('-') || word.find('=') != std::string::npos ||
         std::ranges::find(k_launchers, program_name(word)) != k_launchers.end();
}

} // namespace

Label label_of(const std::vector<std::string>& words) {
  for (std::size_t at = 0; at < words.size(); ++at) {
    if (std::optional<Label> label = migration_at(words, at)) {
      return *label;
    }
    if (!leads_on(words[at])) {
      break;
    }
  }
  std::string name = words.empty() ? std::string() : base_name(words.front());
  std::erase_if(name, [](char letter) { return static_cast<unsigned char>(letter) < 0x20; });
  return {.text = name.substr(0, k_longest)};
}

} // namespace savepoint::commands
