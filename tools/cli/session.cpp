#include "cli/session.hpp"

#include <cerrno>
#include <filesystem>
#include <utility>

#include <poll.h>
#include <unistd.h>

namespace savepoint::cli {

Session::Session(std::vector<std::string> words, config::Environment variables,
                 const Cancellation& cancellation)
    : arguments(std::move(words)), environment(std::move(variables)), terminal(environment),
      cancellation_(&cancellation), progress_(terminal) {}

project::Context Session::context() {
  project::Context context;
  context.environment = environment;
  context.clock = &clock_;
  context.cancellation = cancellation_;
  context.progress = &progress_;
  if (common.store) {
    context.store = std::filesystem::absolute(*common.store).lexically_normal();
  }
  return context;
}

bool Session::is_set(const std::string& name) const {
  const auto found = environment.find(name);
  return found != environment.end() &&
         (found->second == "true" || found->second == "yes" || found->second == "1");
}

bool Session::confirm(std::string_view question) {
  const std::string answer = ask(std::string(question) + " [y/N] ");
  return answer == "y" || answer == "Y" || answer == "yes" || answer == "Yes";
}

std::string Session::ask(std::string_view question) {
  progress_.clear();
  terminal.err(question);
  std::string answer;
  while (true) {
    // Unlike read, poll comes back when a signal asks to stop.
    pollfd waiting{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    const int ready = poll(&waiting, 1, -1);
    cancellation_->check();
    char letter = '\n';
    if (ready < 0 && errno == EINTR) {
      continue;
    }
    if (ready < 0 || read(STDIN_FILENO, &letter, 1) != 1 || letter == '\n') {
      return answer;
    }
    answer += letter;
  }
}

json::Value Session::new_document() {
  return json::Value::object({{"schema", k_schema}});
}

} // namespace savepoint::cli
