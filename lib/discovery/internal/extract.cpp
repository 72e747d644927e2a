#include "discovery/internal/evidence.hpp"

#include "base/ascii.hpp"
#include "base/error.hpp"
#include "base/printable.hpp"
#include "database/driver_names.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <set>

namespace savepoint::discovery {
namespace {

std::string place(const std::string& file, std::size_t line) {
  return printable(file) + ":" + std::to_string(line);
}

bool says_where(std::string_view key) {
  const std::string plain = plain_key(key);
  constexpr std::array<std::string_view, 6> k_endings = {"url",  "uri",        "dsn",
                                                         "jdbc", "connection", "connectionstring"};
  return plain.ends_with("dbstring") ||
         std::ranges::any_of(k_endings,
                             [&](std::string_view ending) { return plain.ends_with(ending); });
}

/// The environments that blocks are named after.
bool names_an_environment(std::string_view label) {
  constexpr std::array<std::string_view, 3> k_development = {"development", "dev", "local"};
  return std::ranges::find(k_development, label) != k_development.end();
}

std::uint16_t port_from(const std::string& text) {
  std::uint16_t port = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
  return failure == std::errc() && end == text.data() + text.size() ? port : std::uint16_t{0};
}

/// Whether only running the program would tell what a value is.
bool is_computed(const Value& value) {
  return std::ranges::any_of(value.alternatives, [](const Template& parts) {
    return std::ranges::find(parts, Part::Kind::unknown, &Part::kind) != parts.end();
  });
}

} // namespace

/// What the blocks around a block say.
struct Extractor::Scope {
  const Node* root;
  const Origin* origin;
  Role role;
  std::string driver;

  [[nodiscard]] std::optional<Found> resolve(const Value& value) const {
    return origin->variables->resolve(value, root, origin->file);
  }
  /// The setting that has one of these plain keys.
  [[nodiscard]] std::optional<Found> find(const Node& node,
                                          std::initializer_list<std::string_view> keys) const {
    for (auto at = node.settings.rbegin(); at != node.settings.rend(); ++at) {
      if (std::ranges::find(keys, plain_key(at->first)) != keys.end()) {
        if (std::optional<Found> found = resolve(at->second)) {
          return found;
        }
      }
    }
    return std::nullopt;
  }
  [[nodiscard]] std::string text(const Node& node,
                                 std::initializer_list<std::string_view> keys) const {
    const std::optional<Found> found = find(node, keys);
    return found ? found->text : std::string();
  }
};

std::string plain_key(std::string_view key) {
  std::string plain;
  for (const char c : key) {
    if (c != '_' && c != '-') {
      plain += lower(c);
    }
  }
  return plain;
}

std::string driver_word(std::string_view text) {
  text = text.substr(0, text.find('+'));
  return std::string(database::driver_of_setting(plain_key(text.substr(text.rfind('.') + 1))));
}

Evidence* Extractor::add_url(const Found& found, const Origin& origin,
                             const std::string& named_by) {
  Evidence evidence;
  try {
    evidence.candidate.address = database::parse_url(found.text);
  } catch (const UsageError& error) {
    const std::string where =
        found.file.empty() ? "the environment" : place(found.file, found.line);
    files_->note((found.variable.empty() ? "a URL" : quoted(found.variable)) + " in " + where +
                 " was passed over: " + error.what());
    return nullptr;
  }
  evidence.candidate.address.is_own = found.file.empty();
  evidence.candidate.file = found.file;
  evidence.candidate.line = found.line;
  evidence.candidate.variable = found.variable;
  evidence.candidate.named_by = named_by;
  evidence.role = stronger(origin.role, role_of(found.variable));
  evidence.bases = origin.bases;
  evidence.rank = origin.rank;
  if (!found.variable.empty() && !named_by.empty()) {
    evidence.rank = found.file.empty() ? Rank::process : std::min(origin.rank, Rank::named);
    evidence.role = stronger(evidence.role, role_of(name_of(found.file)));
  }
  found_->push_back(std::move(evidence));
  return &found_->back();
}

std::size_t Extractor::extract(const Node& tree, const Origin& origin) {
  const std::size_t before = found_->size();
  extract_node(tree, {&tree, &origin, origin.role, origin.driver});
  return found_->size() - before;
}

void Extractor::refuse(const std::string& file, const std::string& reason) {
  const auto is_meant = [&](const Evidence& evidence) {
    return evidence.candidate.file == file && evidence.role == Role::main;
  };
  if (std::ranges::count_if(*found_, is_meant) == 1) {
    std::ranges::find_if(*found_, is_meant)->refusal = reason;
  }
}

void Extractor::extract_node(const Node& node, const Scope& outer) {
  Scope scope = outer;
  for (const auto& [key, value] : node.settings) {
    const std::string plain = plain_key(key);
    if (plain == "dialect" || plain == "client" || plain == "type" || plain == "adapter" ||
        plain == "provider" || plain == "engine" || plain == "driver" || plain == "drivername") {
      const std::optional<Found> found = scope.resolve(value);
      const std::string driver = found ? driver_word(found->text) : std::string();
      scope.driver = driver.empty() ? scope.driver : driver;
    }
  }
  if (!extract_urls(node, scope)) {
    extract_parts(node, scope);
  }
  const std::string& mode = scope.origin->variables->package().mode;
  for (const Node& child : node.children) {
    Scope inner = scope;
    const bool is_mode = child.label == mode;
    const Role role = names_an_environment(child.label) && !names_an_environment(mode)
                          ? Role::other
                          : role_of(child.label);
    inner.role = is_mode && role != Role::test && role != Role::production
                     ? scope.role
                     : stronger(scope.role, role);
    extract_node(child, inner);
  }
}

/// Says what is missing from the value of a setting that should say where a database is.
void Extractor::note_unresolved(const Value& value, const Scope& scope, const std::string& place) {
  const std::vector<std::string> unset = scope.origin->variables->unset_in(value);
  if (!unset.empty()) {
    files_->note(place + " names " + quoted(unset[0]) + ", which is not set");
  } else if (is_computed(value)) {
    files_->note(place + " is computed when the program runs, and was not read");
  }
}

bool Extractor::extract_urls(const Node& node, const Scope& scope) {
  bool has_found = false;
  std::set<std::string_view> seen;
  std::vector<const std::pair<std::string, Value>*> settings;
  for (auto setting = node.settings.rbegin(); setting != node.settings.rend(); ++setting) {
    if (setting->first.empty() || seen.insert(setting->first).second) {
      settings.push_back(&*setting); // the last one holds
    }
  }
  std::ranges::reverse(settings);
  for (const auto* const setting : settings) {
    const auto& [key, value] = *setting;
    std::optional<Found> found = scope.resolve(value);
    const std::string named_by = place(scope.origin->file, value.line);
    if (plain_key(key) == "useenvvariable" && found) {
      const std::string name = found->text;
      found = scope.origin->variables->find(name);
      if (!found) {
        files_->note(named_by + " names " + quoted(name) + ", which is not set");
        continue;
      }
    }
    if (!found) {
      if (says_where(key) && stronger(scope.role, role_of(key)) == Role::main) {
        note_unresolved(value, scope, named_by);
      }
      continue;
    }
    if (says_where(key) && scope.driver == "sqlite" && !found->text.empty() &&
        found->text.find(':') == std::string::npos) {
      found->text = "file:" + found->text;
    }
    const bool is_text_for_driver =
        says_where(key) &&
        (found->text.starts_with("file:") ||
         (scope.driver == "postgres" && found->text.find('=') != std::string::npos) ||
         (scope.driver == "mariadb" && found->text.find('@') != std::string::npos));
    if (!is_database_url(found->text) && !is_text_for_driver) {
      continue;
    }
    Origin origin = *scope.origin;
    origin.role = stronger(stronger(scope.role, role_of(key)),
                           key == "dev" ? Role::shadow : Role::main); // dev of Atlas is scratch
    const bool is_here = found->variable.empty();
    if (Evidence* const evidence = add_url(*found, origin, is_here ? std::string() : named_by)) {
      database::Address& address = evidence->candidate.address;
      if (address.user.empty()) {
        address.user = scope.text(node, {"user", "username"});
      }
      if (address.password.empty()) {
        address.password = database::Secret(scope.text(node, {"password", "pass"}));
      }
      has_found = true;
    }
  }
  return has_found;
}

/// The setting of a database in parts that only running the program would tell; null if there is
/// none.
const Value* Extractor::computed_part(const Node& node, const Scope& scope) {
  constexpr std::array<std::string_view, 9> k_parts = {"database", "dbname",   "databasename",
                                                       "filename", "storage",  "host",
                                                       "server",   "hostname", "port"};
  const bool is_django = scope.find(node, {"engine"}).has_value();
  for (const auto& [key, value] : node.settings) {
    const std::string plain = plain_key(key);
    const bool is_part =
        std::ranges::find(k_parts, plain) != k_parts.end() || (is_django && plain == "name");
    if (is_part && is_computed(value) && !scope.resolve(value)) {
      return &value;
    }
  }
  return nullptr;
}

void Extractor::extract_parts(const Node& node, const Scope& scope) {
  const bool is_file = scope.driver == "sqlite";
  const bool is_django = scope.find(node, {"engine"}).has_value();
  std::optional<Found> database =
      is_file ? scope.find(node, {"filename", "storage"}) : std::nullopt;
  if (!database) {
    database = scope.find(node, {"database", "dbname", "databasename"});
  }
  if (!database && is_django) {
    database = scope.find(node, {"name"});
  }
  if (scope.driver.empty() || node.settings.empty()) {
    return;
  }
  const std::string host = scope.text(node, {"host", "hostname", "server"});
  const std::string socket =
      scope.text(node, {"socket", "socketpath", "unixsocket", "unixsocketpath"});
  const std::string user = scope.text(node, {"user", "username"});
  const bool has_login = !host.empty() || !socket.empty() || !user.empty() || is_django ||
                         scope.find(node, {"adapter"}).has_value();
  if (!is_file && !has_login) {
    return;
  }
  const std::string here =
      place(scope.origin->file, node.line == 0 ? node.settings[0].second.line : node.line);
  const Node* const options = is_django ? node.child("OPTIONS") : nullptr;
  const bool is_elsewhere = options != nullptr && (options->find("service") != nullptr ||
                                                   options->find("read_default_file") != nullptr ||
                                                   options->find("read_default_group") != nullptr);
  if (is_elsewhere && scope.role == Role::main && (!database || (host.empty() && socket.empty()))) {
    files_->note(here + " leaves it to a file of the client where its database is, and that file "
                        "was not read: name the database in the config");
    return;
  }
  if (const Value* const computed = computed_part(node, scope)) {
    if (scope.role == Role::main) {
      note_unresolved(*computed, scope, place(scope.origin->file, computed->line));
    }
    return;
  }
  if (!database || database->text.empty()) {
    return;
  }
  Evidence evidence;
  database::Address& address = evidence.candidate.address;
  address.driver = scope.driver;
  address.database =
      database->text.starts_with("file:") ? database->text.substr(5) : database->text;
  if (!is_file) {
    address.host = socket.empty() ? host : socket;
    address.port = port_from(scope.text(node, {"port"}));
    address.user = user;
    address.password = database::Secret(scope.text(node, {"password", "pass"}));
  }
  evidence.candidate.file = database->file;
  evidence.candidate.line = database->line;
  evidence.candidate.variable = database->variable;
  if (!database->variable.empty()) {
    evidence.candidate.named_by = here;
  }
  evidence.role = stronger(scope.role, role_of(database->variable));
  evidence.rank =
      database->variable.empty() ? scope.origin->rank : std::min(scope.origin->rank, Rank::named);
  evidence.bases = scope.origin->bases;
  found_->push_back(std::move(evidence));
}

} // namespace savepoint::discovery
