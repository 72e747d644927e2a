#include "discovery/internal/variables.hpp"

#include "base/ascii.hpp"
#include "base/error.hpp"
#include "base/printable.hpp"
#include "database/address.hpp"

#include <algorithm>
#include <array>

namespace savepoint::discovery {
namespace {

/// More keys than this are no settings: the rest is not looked at.
constexpr std::size_t k_most_settings = 2'000;
// One setting refers to another, and that to a third. What goes on for longer was written to
// exhaust the stack.
constexpr std::size_t k_deepest = 50;

/// The words of `DATABASE_URL_TEST`, `shadowDatabaseUrl`, `.env.production.local`, in lower case.
std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < name.size(); ++at) {
    const bool goes_on =
        at > 0 && is_letter(name[at - 1]) && !(is_upper(name[at]) && !is_upper(name[at - 1]));
    if (!is_letter(name[at])) {
      continue;
    }
    if (!goes_on) {
      words.emplace_back();
    }
    words.back() += lower(name[at]);
  }
  return words;
}

/// Whether a URL names all that a client needs.
bool is_complete_url(const std::string& text) {
  try {
    const database::Address address = database::parse_url(text);
    return address.driver == "sqlite" || (!address.database.empty() && !address.host.empty());
  } catch (const UsageError&) {
    return false;
  }
}

/// The files that programs load by themselves, those that hold first.
std::vector<std::string> load_order(const Package& package) {
  const std::string mode = ".env." + package.mode;
  if (package.loads_as_vite) {
    return {".envrc", mode + ".local", mode, ".env.local", ".env"};
  }
  if (package.mode == "test") {
    return {".envrc", mode + ".local", mode, ".env"};
  }
  return {".envrc", mode + ".local", ".env.local", mode, ".env"};
}

} // namespace

Role role_of(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, Role>, 21> k_words = {{
      {"shadow", Role::shadow},   {"test", Role::test},
      {"tests", Role::test},      {"testing", Role::test},
      {"ci", Role::test},         {"spec", Role::test},
      {"phpunit", Role::test},    {"pytest", Role::test},
      {"prod", Role::production}, {"production", Role::production},
      {"prd", Role::production},  {"live", Role::production},
      {"staging", Role::other},   {"stage", Role::other},
      {"preview", Role::other},   {"qa", Role::other},
      {"uat", Role::other},       {"demo", Role::other},
      {"sandbox", Role::other},   {"preprod", Role::other},
      {"release", Role::other},
  }};
  Role role = Role::main;
  for (const std::string& word : words_of(name)) {
    const auto* const known = std::ranges::find(k_words, std::string_view(word),
                                                [](const auto& pair) { return pair.first; });
    if (known != k_words.end()) {
      role = stronger(role, known->second);
    }
  }
  return role;
}

Role stronger(Role first, Role second) {
  return first == Role::main ? second : first;
}

bool is_database_url(std::string_view text) {
  constexpr std::array<std::string_view, 24> k_beginnings = {
      "postgres://", "postgresql://", "postgres+",  "postgresql+",    "postgis://",     "pgsql://",
      "psql://",     "pgx://",        "pgx5://",    "mysql://",       "mysql2://",      "mysql+",
      "mariadb://",  "mariadb+",      "trilogy://", "mongodb://",     "mongodb+srv://", "redis://",
      "rediss://",   "sqlserver://",  "mssql://",   "cockroachdb://", "libsql://",      "jdbc:"};
  constexpr std::array<std::string_view, 4> k_files = {"sqlite:", "sqlite3:", "sqlite+",
                                                       "prisma+postgres://"};
  const auto begins = [&](std::string_view beginning) {
    return lower(text.substr(0, beginning.size())) == beginning;
  };
  return std::ranges::any_of(k_beginnings, begins) || std::ranges::any_of(k_files, begins);
}

Variables::Variables(ProjectFiles& files, const config::Environment& environment,
                     const Package& package, const Variables* outer)
    : files_(&files), environment_(&environment), package_(&package), outer_(outer) {
  const std::vector<std::string> loaded = load_order(package);
  for (const std::string& name : loaded) {
    load(name, true);
  }
  if (files.names(package.directory).contains("prisma")) {
    load("prisma/.env", true);
  }
  for (const std::string& name : files.names(package.directory)) {
    const bool is_opaque = name == ".env.vault" || name == ".env.keys";
    if (config::is_dotenv_name(name) && !is_opaque &&
        std::ranges::find(loaded, name) == loaded.end()) {
      load(name, false);
    }
  }
}

void Variables::load(const std::string& name, bool is_loaded) {
  if (std::optional<EnvironmentFile> file = open(joined(package_->directory, name))) {
    file->is_loaded = is_loaded;
    own_.push_back(std::move(*file));
  }
}

std::optional<EnvironmentFile> Variables::open(const std::string& path) const {
  const std::optional<std::string> text = files_->read(path);
  if (!text) {
    return std::nullopt;
  }
  EnvironmentFile file{path, role_of(name_of(path)), false, config::dotenv_settings(*text)};
  if (file.settings.size() > k_most_settings) {
    files_->note("only the first " + std::to_string(k_most_settings) + " settings of " +
                 quoted(path) + " were looked at");
    file.settings.resize(k_most_settings);
  }
  return file;
}

/// What `name` means in the setting at `index`: set before it, or in a file that holds less.
std::optional<std::string> Variables::look_up_for(const EnvironmentFile& file, std::size_t index,
                                                  std::string_view name) const {
  const auto process = environment_->find(std::string(name));
  if (process != environment_->end()) {
    return process->second;
  }
  for (std::size_t at = index; at > 0; --at) {
    if (file.settings[at - 1].key == name) {
      return read(file, at - 1).text;
    }
  }
  bool is_behind = false;
  for (const EnvironmentFile& other : own_) {
    if (is_behind && other.is_loaded) {
      if (const std::optional<Found> found = find_in(other, name)) {
        return found->text;
      }
    }
    is_behind = is_behind || &other == &file;
  }
  return std::nullopt;
}

const Found& Variables::read(const EnvironmentFile& file, std::size_t index) const {
  const std::pair key(file.path, index);
  const auto known = known_.find(key);
  return known != known_.end() ? known->second
                               : known_.emplace(key, read_anew(file, index)).first->second;
}

/// The value of the setting at `index`, in the reading that makes most sense.
Found Variables::read_anew(const EnvironmentFile& file, std::size_t index) const {
  const config::DotenvSetting& setting = file.settings[index];
  const config::DotenvLookup look_up = [&](std::string_view name) -> std::optional<std::string> {
    if (depth_ == k_deepest) {
      return std::nullopt;
    }
    ++depth_;
    std::optional<std::string> found = look_up_for(file, index, name);
    --depth_;
    return found;
  };
  const config::DotenvDialect dialect =
      file.path.ends_with(".envrc") ? config::DotenvDialect::shell : package_->dialect;
  const config::DotenvValue value = config::dotenv_value(setting, dialect, look_up);
  Found found{value.value, setting.key, file.path, setting.line};
  const std::string place =
      quoted(setting.key) + " in " + printable(file.path) + ":" + std::to_string(setting.line);
  const auto whole = value.missing.empty()
                         ? value.others.end()
                         : std::ranges::find_if(value.others, [](const std::string& other) {
                             return other.find("${") == std::string::npos &&
                                    is_complete_url(other) && is_database_url(other);
                           });
  if (whole != value.others.end()) { // a $ in a password, and no variable
    files_->note(place + " has a $ in it, which was read as such");
    found.text = *whole;
    return found;
  }
  if (value.is_command || !value.missing.empty() || value.value.starts_with("encrypted:")) {
    if (is_database_url(value.value)) {
      files_->note(place + (value.is_command ? " is the output of a command, which is not run"
                                             : " refers to a variable that is not set: " +
                                                   quoted(value.missing[0])));
    }
    found.text.clear();
    return found;
  }
  if (is_database_url(value.value)) {
    found.text = best_reading(value, place);
  }
  return found;
}

/// Of a URL that dialects read differently, the reading that makes most sense; what is left to
/// doubt is noted.
std::string Variables::best_reading(const config::DotenvValue& value,
                                    const std::string& place) const {
  const auto is_literal = [](const std::string& text) {
    return text.find("${") != std::string::npos; // nobody writes that and means it
  };
  std::vector<std::string> readings = {value.value};
  readings.insert(readings.end(), value.others.begin(), value.others.end());
  if (!std::ranges::all_of(readings, is_literal)) {
    std::erase_if(readings, is_literal);
  }
  if (readings.size() == 1) {
    return readings[0];
  }
  const auto complete = std::ranges::find_if(readings, is_complete_url);
  const bool is_first = complete == readings.end() || complete == readings.begin();
  files_->note(place + " can be read in more than one way, because of a # or $ in it: " +
               (is_first ? "it was read as the programs here do"
                         : "the reading that names a host and a database was taken"));
  return is_first ? readings[0] : *complete;
}

std::optional<Found> Variables::find_in(const EnvironmentFile& file, std::string_view name) const {
  for (std::size_t at = file.settings.size(); at > 0; --at) {
    if (file.settings[at - 1].key == name) {
      return read(file, at - 1);
    }
  }
  return std::nullopt;
}

std::optional<Found> Variables::find(std::string_view name) const {
  const auto process = environment_->find(std::string(name));
  if (process != environment_->end()) {
    return Found{process->second, std::string(name), {}, 0};
  }
  for (const EnvironmentFile& file : own_) {
    if (!file.is_loaded) {
      break;
    }
    if (std::optional<Found> found = find_in(file, name)) {
      return found;
    }
  }
  return outer_ == nullptr ? std::nullopt : outer_->find(name);
}

std::optional<Found> Variables::fill(const Template& parts, const std::string& file,
                                     std::size_t line) const {
  if (parts.size() == 1 && parts[0].kind == Part::Kind::variable) {
    std::optional<Found> found = find(parts[0].text);
    if (found && !found->text.empty()) {
      return found;
    }
    return parts[0].fallback ? std::optional(Found{*parts[0].fallback, {}, file, line})
                             : std::nullopt;
  }
  Found whole{{}, {}, file, line};
  for (const Part& part : parts) {
    switch (part.kind) {
    case Part::Kind::text:
      whole.text += part.text;
      break;
    case Part::Kind::variable: {
      const std::optional<Found> found = find(part.text);
      if (found && !found->text.empty()) {
        whole.text += found->text;
      } else if (part.fallback) {
        whole.text += *part.fallback;
      } else {
        return std::nullopt;
      }
      break;
    }
    case Part::Kind::unknown:
      return std::nullopt;
    }
  }
  return whole;
}

std::optional<Found> Variables::resolve(const Value& value, const Node* scope,
                                        const std::string& file) const {
  if (!value.reference.empty()) {
    const Value* const other = scope == nullptr ? nullptr : scope->find(value.reference);
    // One step only: settings that refer to each other in a circle end here.
    return other == nullptr ? std::nullopt : resolve(*other, nullptr, file);
  }
  for (const Template& alternative : value.alternatives) {
    if (std::optional<Found> found = fill(alternative, file, value.line)) {
      return found;
    }
  }
  return std::nullopt;
}

std::vector<std::string> Variables::unset_in(const Value& value) const {
  std::vector<std::string> names;
  for (const Template& alternative : value.alternatives) {
    for (const Part& part : alternative) {
      if (part.kind == Part::Kind::variable && !part.fallback && !find(part.text)) {
        names.push_back(part.text);
      }
    }
  }
  return names;
}

} // namespace savepoint::discovery
