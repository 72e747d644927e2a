#include "cli/run_tool.hpp"

#include "base/version.hpp"
#include "cli/error_report.hpp"
#include "cli/help_page.hpp"
#include "cli/parser.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

extern char** environ; // NOLINT(readability-redundant-declaration)

namespace savepoint::cli {
namespace {

// A signal handler reaches nothing but what is global.
Cancellation stop_wanted;
volatile std::sig_atomic_t stopped_by = 0;

extern "C" void request_stop(int signal) {
  stopped_by = signal;
  stop_wanted.request();
}
extern "C" void ignore_signal(int) {}

void handle(int signal, void (*handler)(int), int flags) {
  struct sigaction before {};
  sigaction(signal, nullptr, &before);
  if (before.sa_handler == SIG_IGN) {
    return; // nohup, or a shell that put us into the background: they know what they want
  }
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, nullptr);
}

void handle_signals() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    // The second one ends us at once.
    handle(signal, request_stop, static_cast<int>(SA_RESTART | SA_RESETHAND));
  }
  // A handler instead of SIG_IGN: programs that we start do not inherit it.
  handle(SIGPIPE, ignore_signal, SA_RESTART);
}

/// Without this, the first file opened would become somebody's stdout. Where stdout was closed,
/// writing must go on to fail, so it is opened for reading.
void open_standard_files() {
  for (const int file : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(file, F_GETFD) == -1 && errno == EBADF) {
      const int flags = file == STDERR_FILENO ? O_WRONLY : O_RDONLY;
      if (open("/dev/null", flags) != file) {
        std::_Exit(static_cast<int>(ExitCode::failed));
      }
    }
  }
}

config::Environment read_environment() {
  config::Environment environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (const std::size_t equals = text.find('='); equals != std::string::npos) {
      environment.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
  }
  return environment;
}

/// Options that decide how an error looks count even if the command line has an error.
void look_ahead(Session& session) {
  const auto end = std::find(session.arguments.begin(), session.arguments.end(), "--");
  session.common.json = std::find(session.arguments.begin(), end, "--json") != end;
  session.common.plain = std::find(session.arguments.begin(), end, "--plain") != end;
  session.common.debug = std::find(session.arguments.begin(), end, "--debug") != end;
  session.terminal.set_options(session.common);
}

ErrorReport::Progress progress_of(const Session& session) {
  return {.change = session.change(), .change_begun = session.change_begun()};
}

ExitCode report_error(Session& session, std::exception_ptr error) {
  const ErrorReport report = ErrorReport::of(std::move(error), progress_of(session));
  session.operation.line().error = report.message;
  session.progress().clear();
  session.terminal.discard();
  if (session.common.json) {
    session.terminal.document(report.document(session.common.debug));
  } else {
    session.terminal.err(report.text(session.common.debug));
  }
  return report.exit_code;
}

ExitCode run(Session& session, const Tool& tool) {
  try {
    const ExitCode code = tool(session);
    session.progress().clear();
    session.terminal.flush();
    return code;
  } catch (const TextInstead& asked) {
    session.terminal.out(asked.text);
    session.terminal.flush();
    return ExitCode::done;
  } catch (const VersionInstead&) {
    if (session.terminal.json()) {
      json::Value document = Session::new_document();
      document.set("version", version());
      session.terminal.document(document);
    } else {
      session.terminal.out(version_text());
    }
    session.terminal.flush();
    return ExitCode::done;
  } catch (...) {
    const ExitCode code = report_error(session, std::current_exception());
    session.terminal.flush();
    return code;
  }
}

} // namespace

int run_tool(int argc, char** argv, const Tool& tool) {
  open_standard_files();
  umask(umask(0) & 0077U); // without rights of the owner we could not use what we make ourselves
  handle_signals();
  Session session(std::vector<std::string>(argv + std::min(argc, 1), argv + argc),
                  read_environment(), stop_wanted);
  look_ahead(session);
  ExitCode code = ExitCode::failed;
  try {
    code = run(session, tool);
  } catch (const Error&) {
    // stdout itself is broken, so even --json has to say it here.
    session.terminal.err(
        ErrorReport::of(std::current_exception(), progress_of(session)).text(session.common.debug));
  }
  const bool is_stopped = code == ExitCode::cancelled && stopped_by != 0;
  const int exit_code = is_stopped ? 128 + stopped_by : static_cast<int>(code); // as shells have it
  session.operation.end(exit_code);
  return exit_code;
}

int become(const std::string& path, const std::vector<std::string>& arguments) {
  std::vector<char*> pointers;
  std::vector<std::string> words = arguments;
  for (std::string& word : words) {
    pointers.push_back(word.data());
  }
  pointers.push_back(nullptr);
  execv(path.c_str(), pointers.data());
  return errno;
}

} // namespace savepoint::cli

// As soon as it is started, a libgit2 that speaks TLS with this library reads the certificates of
// every authority there is: a sixth of the time that a hook takes. We never ask another machine.
extern "C" __attribute__((visibility("default"))) int mbedtls_x509_crt_parse_file(void* /*chain*/,
                                                                                  const char*) {
  return 0; // read them all
}
