#include "support/postgres_server.hpp"

#include "support/sorted_lines.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

namespace savepoint::test {

namespace {

const std::filesystem::path k_versions = "/usr/lib/postgresql";

std::filesystem::path newest_version() {
  std::filesystem::path newest;
  int newest_number = 0;
  if (std::filesystem::exists(k_versions)) {
    for (const auto& entry : std::filesystem::directory_iterator(k_versions)) {
      const int number = std::atoi(entry.path().filename().c_str());
      if (number > newest_number && std::filesystem::exists(entry.path() / "bin" / "postgres")) {
        newest = entry.path();
        newest_number = number;
      }
    }
  }
  if (newest.empty()) {
    throw std::runtime_error("no PostgreSQL server is installed: run './dev deps'");
  }
  return newest;
}

std::string quote(const std::string& word) {
  std::string result = "'";
  for (const char character : word) {
    result += character == '\'' ? std::string("'\\''") : std::string(1, character);
  }
  return result + "'";
}

/// The server refuses to be root.
std::vector<std::string> as_somebody() {
  if (geteuid() != 0) {
    return {"setpriv", "--pdeathsig", "QUIT"};
  }
  return {"setpriv",        "--reuid=postgres", "--regid=postgres",
          "--clear-groups", "--pdeathsig",      "QUIT"};
}

std::string joined(const std::vector<std::string>& words) {
  std::string result;
  for (const std::string& word : words) {
    result += quote(word) + " ";
  }
  return result;
}

void give_to_server(const std::filesystem::path& directory) {
  if (geteuid() == 0) {
    shell("/", "chown postgres:postgres " + quote(directory));
  }
}

/// An empty data directory, made once for all tests of this build and this user.
std::filesystem::path template_directory() {
  const std::filesystem::path version = newest_version();
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe");
  const std::filesystem::path place =
      self.parent_path().parent_path() /
      ("postgres-" + version.filename().string() + "-" + std::to_string(geteuid()));
  std::filesystem::create_directories(place);
  const int lock = open((place / "lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  flock(lock, LOCK_EX);
  const std::filesystem::path ready = place / "data";
  if (!std::filesystem::exists(ready)) {
    const TemporaryDirectory directory;
    std::filesystem::permissions(directory.path(), std::filesystem::perms(0755));
    const std::filesystem::path made = directory / "made";
    std::filesystem::create_directory(made);
    give_to_server(made);
    shell("/", joined(as_somebody()) + quote(version / "bin" / "initdb") +
                   " -A trust -N -U postgres -E UTF8 --locale=C.UTF-8 -D " + quote(made / "data"));
    shell("/", "cp -a " + quote(made / "data") + " " + quote(place / "new"));
    std::filesystem::rename(place / "new", ready);
  }
  close(lock);
  return ready;
}

} // namespace

PostgresServer& PostgresServer::shared() {
  static PostgresServer server;
  return server;
}

PostgresServer::PostgresServer() {
  std::filesystem::permissions(directory_.path(), std::filesystem::perms(0755));
  std::filesystem::create_directory(socket());
  give_to_server(socket());
  shell("/", "cp -a " + quote(template_directory()) + " " + quote(directory_ / "data"));
  start();
  sql("postgres", "CREATE ROLE app LOGIN CREATEDB");
}

PostgresServer::~PostgresServer() {
  if (is_running()) {
    stop(Stop::immediate);
  }
}

void PostgresServer::start() {
  std::vector<std::string> words = as_somebody();
  words.push_back(newest_version() / "bin" / "postgres");
  for (const std::string& word :
       {std::string("-D"), (directory_ / "data").string(), std::string("-k"), socket().string(),
        std::string("-h"), std::string()}) {
    words.push_back(word);
  }
  for (const char* setting :
       {"fsync=off", "autovacuum=off", "max_prepared_transactions=5", "wal_level=logical",
        "full_page_writes=off", "unix_socket_permissions=0777", "shared_buffers=32MB"}) {
    words.insert(words.end(), {"-c", setting});
  }
  std::vector<char*> arguments;
  for (std::string& word : words) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  id_ = fork();
  if (id_ == 0) {
    const int out = open(log().c_str(), O_CREAT | O_WRONLY | O_APPEND, 0644);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    execvp(arguments.front(), arguments.data());
    _exit(127);
  }
  for (int attempt = 0; attempt < 3000; ++attempt) { // the server says so in its file of state
    std::ifstream state(directory_ / "data" / "postmaster.pid");
    std::vector<std::string> lines;
    for (std::string line; std::getline(state, line);) {
      lines.push_back(line);
    }
    if (lines.size() >= 8 && lines[7].starts_with("ready") && std::stoi(lines[0]) == id_) {
      return;
    }
    poll(nullptr, 0, 10);
  }
  throw std::runtime_error("the PostgreSQL server does not start: " + read_file(log()));
}

void PostgresServer::stop(Stop how) {
  kill(id_, how == Stop::clean ? SIGINT : SIGQUIT);
  waitpid(id_, nullptr, 0);
  id_ = -1;
}

std::string PostgresServer::psql_command(const std::string& database,
                                         const std::string& user) const {
  return "PGOPTIONS='-c client_min_messages=warning' psql -X -q -A -t -v ON_ERROR_STOP=1 -h " +
         quote(socket()) + " -U " + quote(user) + " -d " + quote(database);
}

std::string PostgresServer::sql(const std::string& database, const std::string& statements,
                                const std::string& user) const {
  const TemporaryDirectory directory;
  write_file(directory / "statements.sql", statements);
  return shell(directory.path(), psql_command(database, user) + " -f statements.sql");
}

void PostgresServer::create_database(const std::string& name) const {
  sql("postgres", "CREATE DATABASE " + std::string("\"") + name + "\" OWNER app");
}

void PostgresServer::drop_database(const std::string& name) const {
  sql("postgres", "DROP DATABASE IF EXISTS \"" + name + "\" WITH (FORCE)");
}

std::string PostgresServer::databases() const {
  return sql("postgres", "SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> "
                         "'postgres' ORDER BY 1");
}

std::string PostgresServer::dump(const std::string& database) const {
  const std::string text = shell("/", quote(newest_version() / "bin" / "pg_dump") + " -O -h " +
                                          quote(socket()) + " -U postgres " + quote(database));
  return sorted_lines(text, [](std::string_view line) {
    // The first two are random in every dump; the others say who owns what.
    return !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict") &&
           !line.starts_with("-- Name: ") && !line.starts_with("-- Data for Name: ");
  });
}

database::Target PostgresServer::target(const std::string& database,
                                        const std::string& user) const {
  database::Target target;
  target.name = "app";
  target.driver = "postgres";
  target.address.driver = "postgres";
  target.address.host = socket();
  target.address.user = user;
  target.address.database = database;
  target.source = "DATABASE_URL in .env:1";
  target.project = directory_.path();
  target.environment = {{"PATH", "/usr/bin:/bin"}, {"HOME", directory_.path()}};
  return target;
}

void PostgresServer::require_password(const std::string& user, const std::string& password) const {
  sql("postgres", "ALTER ROLE \"" + user + "\" PASSWORD '" + password + "'");
  const std::filesystem::path rules = directory_ / "data" / "pg_hba.conf";
  const std::string before = read_file(rules);
  write_file(rules, "local all \"" + user + "\" scram-sha-256\n" + before);
  sql("postgres", "SELECT pg_reload_conf()");
}

PsqlSession::PsqlSession(const PostgresServer& server, const std::string& database,
                         const std::string& user) {
  std::array<int, 2> in{};
  std::array<int, 2> out{};
  if (pipe2(in.data(), O_CLOEXEC) != 0 || pipe2(out.data(), O_CLOEXEC) != 0) {
    throw std::system_error(errno, std::generic_category(), "pipe");
  }
  const std::string command =
      "exec env " + server.psql_command(database, user) + " -v ON_ERROR_STOP=0 2>&1";
  id_ = fork();
  if (id_ == 0) {
    dup2(in[0], STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
    _exit(127);
  }
  close(in[0]);
  close(out[1]);
  in_ = in[1];
  out_ = out[0];
  run("SELECT 1");
}

PsqlSession::~PsqlSession() {
  close(in_);
  close(out_);
  waitpid(id_, nullptr, 0);
}

std::string PsqlSession::run(const std::string& statements) {
  const std::string text = statements + ";\n\\echo --done--\n";
  if (write(in_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    throw std::runtime_error("psql is gone");
  }
  std::string said;
  std::array<char, 4096> piece{};
  while (!said.ends_with("--done--\n")) {
    const ssize_t got = read(out_, piece.data(), piece.size());
    if (got <= 0) {
      throw std::runtime_error("psql is gone: " + said);
    }
    said.append(piece.data(), static_cast<std::size_t>(got));
  }
  return said.substr(0, said.size() - std::string("--done--\n").size());
}

} // namespace savepoint::test
