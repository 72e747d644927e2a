#include "drivers/postgres/internal/access.hpp"

#include "base/printable.hpp"
#include "database/quoting.hpp"
#include "fs/files.hpp"
#include "fs/tree_writer.hpp"

#include <array>
#include <cerrno>

#include <sys/random.h>
#include <sys/stat.h>

namespace savepoint::drivers::postgres {

namespace {

/// Who may say it in an address; whoever sets the variable may anyway.
enum class Says { anybody, user };

struct Known {
  const char* keyword;
  const char* variable;
  Says says = Says::anybody;
};

/// What libpq takes from a URL or from the environment. Passwords are not among them. What leads to
/// passwords that the user has for other servers is no business of a repository.
constexpr std::array<Known, 22> k_known{{
    {"host", "PGHOST"},
    {"hostaddr", "PGHOSTADDR"},
    {"port", "PGPORT"},
    {"user", "PGUSER"},
    {"options", "PGOPTIONS"},
    {"passfile", "PGPASSFILE", Says::user},
    {"connect_timeout", "PGCONNECT_TIMEOUT"},
    {"sslmode", "PGSSLMODE"},
    {"sslrootcert", "PGSSLROOTCERT"},
    {"sslcert", "PGSSLCERT"},
    {"sslkey", "PGSSLKEY"},
    {"sslcrl", "PGSSLCRL"},
    {"sslcrldir", "PGSSLCRLDIR"},
    {"sslsni", "PGSSLSNI"},
    {"ssl_min_protocol_version", "PGSSLMINPROTOCOLVERSION"},
    {"ssl_max_protocol_version", "PGSSLMAXPROTOCOLVERSION"},
    {"channel_binding", "PGCHANNELBINDING"},
    {"gssencmode", "PGGSSENCMODE"},
    {"krbsrvname", "PGKRBSRVNAME", Says::user},
    {"requirepeer", "PGREQUIREPEER"},
    {"target_session_attrs", "PGTARGETSESSIONATTRS"},
    {"service", "PGSERVICE", Says::user},
}};

/// What a client program needs of our environment to find its way.
constexpr std::array<const char*, 8> k_passed_on{
    "PATH", "HOME", "TZ", "TMPDIR", "PGSERVICEFILE", "PGSYSCONFDIR", "KRB5CCNAME", "DOCKER_HOST"};

constexpr const char* k_connect_timeout = "10";
constexpr std::string_view k_service = "service";

std::string value_in(const std::map<std::string, std::string>& values, const char* name) {
  const auto found = values.find(name);
  return found == values.end() ? std::string() : found->second;
}

/// `text` with a backslash before each of `special`.
std::string escaped(std::string_view text, std::string_view special) {
  std::string result;
  for (const char character : text) {
    if (special.find(character) != std::string_view::npos) {
      result += '\\';
    }
    result += character;
  }
  return result;
}

bool has_line_break(std::string_view text) {
  return text.find_first_of(std::string_view("\n\0", 2)) != std::string_view::npos;
}

/// As a password file wants it, for the one server, database and user that are meant.
std::string password_lines(const Access& access, const std::string& database) {
  const std::string& password = access.password.reveal();
  if (has_line_break(password)) {
    throw UsageError("the password of a database has a line break in it",
                     "PostgreSQL's client programs cannot be told such a password");
  }
  const auto field = [](const std::string& text) { // anything where libpq chooses, also of a list
    const bool is_open = text.empty() || has_line_break(text) || text.find(',') != text.npos;
    return is_open ? "*:" : escaped(text, ":\\") + ":";
  };
  const auto keyword = [&](const char* name) { return value_in(access.keywords, name); };
  const std::string number = keyword("hostaddr");
  const std::string host = keyword("host").empty() ? number : keyword("host");
  const std::string rest = field(keyword("port")) + field(database) + field(keyword("user")) +
                           escaped(password, ":\\") + "\n";
  const bool is_usual_socket = host.empty() && keyword("service").empty();
  const bool is_socket = is_usual_socket || host.starts_with('/');
  return (is_usual_socket ? "" : field(host) + rest) + (is_socket ? "localhost:" + rest : "");
}

/// Whether the address itself says where its server is.
bool names_host(const database::Address& address) {
  return !address.host.empty() || address.parameters.contains("hostaddr");
}

/// Whether PGPASSWORD may be sent where the address leads: a password of the user's is not for a
/// server that only a repository names.
bool may_have_password(const database::Target& target) {
  const database::Address& address = target.address;
  const std::string variable = value_in(target.environment, "PGHOSTADDR");
  const std::string number = value_in(address.parameters, "hostaddr");
  if (address.is_own || !names_host(address) || (number.empty() && !variable.empty())) {
    return true;
  }
  database::Address reached = address;
  reached.host = number.empty() ? address.host : number;
  return reached.host == value_in(target.environment, "PGHOST") || reached.host == variable ||
         database::place_of(reached) <= database::Place::loopback;
}

/// Throws RefusedError for what an address must not make libpq do.
void require_harmless(const database::Target& target) {
  const auto& parameters = target.address.parameters;
  const std::string subject = "the address of database " + quoted(target.name) + " (" +
                              (target.source.empty() ? "its URL" : target.source) + ") ";
  for (const Known& known : k_known) {
    if (known.says == Says::user && !target.address.is_own && parameters.contains(known.keyword)) {
      throw RefusedError(subject + "has " + known.keyword +
                             "=, which only you may say: it can lead to your passwords for other "
                             "servers; nothing was asked",
                         std::string("take it out of the address and set ") + known.variable +
                             ", or set a variable of your environment to the whole address");
    }
  }
  const auto key = parameters.find("sslkey");
  if (key != parameters.end() && key->second.find(':') != std::string::npos) {
    throw RefusedError(subject + "has an sslkey= with a colon, which has a library of that name "
                                 "loaded and run; nothing was asked",
                       "name a file that has no colon in its name, or set PGSSLKEY");
  }
}

} // namespace

std::string Access::scrubbed(std::string message) const {
  const std::string& secret = password.reveal();
  if (secret.empty()) {
    return message;
  }
  for (std::size_t at = 0; (at = message.find(secret, at)) != std::string::npos;) {
    message.replace(at, secret.size(), "***");
    at += 3;
  }
  return message;
}

Access access_to(const database::Target& target) {
  require_harmless(target);
  Access access;
  const database::Address& address = target.address;
  for (const Known& known : k_known) {
    const auto parameter = address.parameters.find(known.keyword);
    const bool is_said = parameter != address.parameters.end();
    if (!is_said && known.keyword == k_service && names_host(address)) {
      continue; // it is for another server, and libpq would take a password from it
    }
    std::string value = is_said ? parameter->second : value_in(target.environment, known.variable);
    if (!value.empty()) {
      access.keywords[known.keyword] = std::move(value);
    }
  }
  if (!address.host.empty()) {
    access.keywords["host"] = address.host;
  }
  if (address.port != 0) {
    access.keywords["port"] = std::to_string(address.port);
  }
  if (!address.user.empty()) {
    access.keywords["user"] = address.user;
  }
  access.keywords.try_emplace("connect_timeout", k_connect_timeout);
  access.password = address.password;
  if (access.password.empty()) {
    database::Secret common(value_in(target.environment, "PGPASSWORD"));
    access.is_password_withheld = !common.empty() && !may_have_password(target);
    access.password = access.is_password_withheld ? database::Secret() : std::move(common);
  }
  access.database = address.database;
  if (access.database.empty()) {
    access.database = value_in(target.environment, "PGDATABASE");
  }
  if (access.database.empty()) {
    const auto user = access.keywords.find("user");
    access.database = user == access.keywords.end() ? std::string() : user->second;
  }
  if (access.database.empty()) {
    throw UsageError("the address of database " + quoted(target.name) +
                         " does not say which database of the server it is",
                     "write its name after the host: postgres://host/name");
  }
  database::Address server = address;
  server.database.clear();
  access.shown = database::display(server);
  access.source = target.source;
  return access;
}

std::string connection_text(const std::map<std::string, std::string>& keywords) {
  std::string text;
  for (const auto& [name, value] : keywords) {
    text += (text.empty() ? "" : " ") + name + "='" + escaped(value, "'\\") + "'";
  }
  return text;
}

ClientEnvironment::ClientEnvironment(const Access& access, const database::Target& target,
                                     const std::string& database,
                                     const std::filesystem::path& scratch)
    : keywords_(access.keywords) {
  for (const char* name : k_passed_on) {
    const std::string value = value_in(target.environment, name);
    if (!value.empty()) {
      variables_[name] = value;
    }
  }
  variables_["LC_ALL"] = "C.UTF-8"; // what it says is judged
  variables_["PGAPPNAME"] = "savepoint";
  if (const auto options = keywords_.extract("options")) { // which everybody could read elsewhere
    variables_["PGOPTIONS"] = options.mapped();
  }
  keywords_["dbname"] = database;
  if (access.password.empty() || !target.settings.client.empty()) {
    return;
  }
  const std::string lines = password_lines(access, database);
  directory_ = scratch / (".savepoint-pgpass-" + random_hex(16));
  if (mkdir(directory_.c_str(), 0700) != 0) {
    const int error_number = errno;
    throw_io_error(error_number, "create", directory_.native());
  }
  try {
    const fs::Descriptor directory = fs::open_directory(directory_);
    const fs::Descriptor file = fs::create_file_at(directory, "pgpass", 0600);
    fs::write_all(file, as_bytes(lines), directory_ / "pgpass");
  } catch (...) {
    fs::remove_tree(directory_);
    throw;
  }
  keywords_["passfile"] = directory_ / "pgpass";
}

ClientEnvironment::~ClientEnvironment() {
  try {
    if (!directory_.empty()) {
      fs::remove_tree(directory_);
    }
  } catch (const Error&) {
    return; // the scratch directory goes with all that is in it
  }
}

void ClientEnvironment::set_option(const std::string& setting) {
  std::string& options = variables_["PGOPTIONS"];
  options += (options.empty() ? "-c " : " -c ") + setting;
}

std::string quote_name(std::string_view name) {
  return database::in_quotes(name, '"');
}

std::string quote_text(std::string_view text) {
  return database::in_quotes(text, '\'');
}

std::string random_hex(std::size_t count) {
  std::string result;
  while (result.size() < count) {
    unsigned char byte = 0;
    if (getrandom(&byte, 1, 0) != 1) {
      const int error_number = errno;
      throw_io_error(error_number, "read", "random numbers of the system");
    }
    constexpr std::string_view k_digits = "0123456789abcdef";
    result += k_digits[byte & 15U];
  }
  return result;
}

} // namespace savepoint::drivers::postgres
