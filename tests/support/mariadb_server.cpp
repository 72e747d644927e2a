#include "support/mariadb_server.hpp"

#include "support/sorted_lines.hpp"

#include <csignal>
#include <stdexcept>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace savepoint::test {

namespace {

/// What to put before a command so that it does not run as root, as which the server refuses to.
std::string unprivileged() {
  return geteuid() == 0 ? "setpriv --reuid=mysql --regid=mysql --clear-groups " : "";
}

/// A data directory as it is after installation, made once for all tests of a build.
std::filesystem::path template_directory() {
  const std::filesystem::path bin = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  const std::filesystem::path place = bin.parent_path() / "test-servers";
  const std::filesystem::path made = place / "mariadb";
  std::filesystem::create_directories(place);
  const TemporaryDirectory work; // where the server's user may write
  shell(place,
        "exec 9>lock && flock 9\n[ -d '" + made.string() + "' ] || {\n" +
            (geteuid() == 0 ? "chown mysql '" + work.path().string() + "'\n" : "") +
            unprivileged() + "mariadb-install-db --no-defaults --datadir='" +
            (work / "data").string() +
            "' --auth-root-authentication-method=normal --skip-test-db --innodb-log-file-size=8M " +
            "--innodb-flush-log-at-trx-commit=0 >/dev/null && cp -a '" + (work / "data").string() +
            "' '" + made.string() + ".new' && mv '" + made.string() + ".new' '" + made.string() +
            "'\n}");
  return made;
}

} // namespace

MariadbServer::MariadbServer(const std::vector<std::string>& options) : options_(options) {
  shell(directory_.path(), "cp -a '" + template_directory().string() + "' data && mkdir tmp" +
                               (geteuid() == 0 ? " && chown mysql . tmp" : ""));
  start();
}

MariadbServer::~MariadbServer() {
  kill_hard();
}

MariadbServer& MariadbServer::shared() {
  static MariadbServer server;
  return server;
}

void MariadbServer::start() {
  std::vector<std::string> words;
  std::istringstream line(unprivileged() +
                          "mariadbd --no-defaults --skip-networking "
                          "--innodb-log-file-size=8M "
                          "--innodb-flush-log-at-trx-commit=0 "
                          "--innodb-flush-method=nosync --debug-no-sync "
                          "--innodb-buffer-pool-size=64M --innodb-use-native-aio=0 "
                          "--character-set-server=utf8mb4 --skip-name-resolve");
  for (std::string word; line >> word;) {
    words.push_back(word);
  }
  words.push_back("--datadir=" + (directory_ / "data").string());
  // Of its own: a server that starts removes what it takes for leftovers in a shared one.
  words.push_back("--tmpdir=" + (directory_ / "tmp").string());
  words.push_back("--socket=" + socket().string());
  words.push_back("--pid-file=" + (directory_ / "pid").string());
  words.push_back("--log-error=" + (directory_ / "log").string());
  words.insert(words.end(), options_.begin(), options_.end());
  if (words.front() == "setpriv") {
    words.insert(words.begin() + 1, {"--pdeathsig", "KILL"});
  }
  std::vector<char*> arguments;
  for (std::string& word : words) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  std::filesystem::remove(socket());
  process_ = fork();
  if (process_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
    const int null = open("/dev/null", O_RDWR);
    dup2(null, 0);
    dup2(null, 1);
    dup2(null, 2);
    execvp(arguments.front(), arguments.data());
    _exit(127);
  }
  // Readable once the server has ended.
  const int ended = static_cast<int>(syscall(SYS_pidfd_open, process_, 0));
  for (int attempt = 0; attempt < 600; ++attempt) {
    if (std::filesystem::exists(socket())) {
      try {
        sql("SELECT 1");
        close(ended);
        return;
      } catch (const std::runtime_error&) {
        // not yet
      }
    }
    pollfd wanted{ended, POLLIN, 0};
    if (poll(&wanted, 1, 50) > 0) {
      waitpid(process_, nullptr, 0);
      process_ = -1;
      break;
    }
  }
  close(ended);
  throw std::runtime_error("mariadbd does not start (is mariadb-server installed?): " +
                           (std::filesystem::exists(directory_ / "log")
                                ? read_file(directory_ / "log")
                                : std::string("no log")));
}

void MariadbServer::kill_hard() {
  if (process_ > 0) {
    ::kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
    process_ = -1;
  }
}

std::string MariadbServer::sql(const std::string& statements, const std::string& database) const {
  const TemporaryDirectory work;
  write_file(work / "sql", statements);
  return shell(work.path(), "mariadb --no-defaults --default-character-set=utf8mb4 -uroot -N -B "
                            "--binary-mode -S '" +
                                socket().string() + "' " + database + " < sql");
}

std::string MariadbServer::logical_dump(const std::string& database) const {
  return sorted_lines(shell(
      directory_.path(), "mariadb-dump --no-defaults -uroot -S s --default-character-set=utf8mb4 "
                         "--skip-extended-insert --hex-blob --routines --triggers --events "
                         "--skip-comments --skip-dump-date " +
                             database));
}

std::string MariadbServer::databases() const {
  return sql("SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN "
             "('mysql', 'sys', 'information_schema', 'performance_schema') ORDER BY 1");
}

} // namespace savepoint::test
