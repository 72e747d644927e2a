#include "drivers/postgres/internal/programs.hpp"

#include "base/printable.hpp"
#include "drivers/postgres/internal/archive.hpp"
#include "fs/files.hpp"
#include "process/run.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <sstream>

#include <unistd.h>

namespace savepoint::drivers::postgres {

namespace {

constexpr std::chrono::seconds k_version_timeout{20};

/// Asks a program for its version: "pg_dump (PostgreSQL) 15.4 (Debian …)" is 15.
std::optional<int> major_of(const std::vector<std::string>& command, const database::Target& target,
                            const std::map<std::string, std::string>& environment) {
  process::Command ask;
  ask.program = command.front();
  ask.arguments.assign(command.begin() + 1, command.end());
  ask.arguments.emplace_back("--version");
  ask.environment = environment;
  ask.directory = target.project;
  ask.timeout = k_version_timeout;
  const process::Result answer = process::run(ask);
  const std::string_view text = as_text(answer.output);
  constexpr std::string_view k_before = "(PostgreSQL) ";
  const std::size_t at = text.find(k_before);
  int major = 0;
  if (answer.exit_code != 0 || at == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view digits = text.substr(at + k_before.size());
  std::from_chars(digits.data(), digits.data() + digits.size(), major);
  return major > 0 ? std::optional(major) : std::nullopt;
}

/// Debian's `pg_dump` on the PATH is a script that starts the one it thinks best.
bool is_wrapper(const std::filesystem::path& file) {
  std::error_code failure;
  return std::filesystem::canonical(file, failure).filename() == "pg_wrapper";
}

std::vector<std::filesystem::path> files_called(const std::string& name,
                                                const database::Target& target,
                                                const std::filesystem::path& versions) {
  std::vector<std::filesystem::path> files;
  for (const std::string& version : fs::list_names(versions)) {
    files.push_back(versions / version / "bin" / name);
  }
  const auto path = target.environment.find("PATH");
  std::istringstream directories(path == target.environment.end() ? "" : path->second);
  for (std::string directory; std::getline(directories, directory, ':');) {
    if (directory.starts_with('/')) {
      files.push_back(std::filesystem::path(directory) / name);
    }
  }
  std::erase_if(files, [](const std::filesystem::path& file) {
    return ::access(file.c_str(), X_OK) != 0 || is_wrapper(file);
  });
  return files;
}

std::vector<Program> programs_called(const std::string& name, const database::Target& target,
                                     const std::filesystem::path& versions) {
  std::vector<Program> programs;
  if (!target.settings.client.empty()) {
    std::vector<std::string> command = target.settings.client;
    command.push_back(name);
    if (const auto major = major_of(command, target, target.environment)) {
      programs.push_back({name, command, *major, true});
    }
    return programs;
  }
  for (const std::filesystem::path& file : files_called(name, target, versions)) {
    const std::vector<std::string> command{file.native()};
    try {
      if (const auto major = major_of(command, target, {{"LC_ALL", "C.UTF-8"}})) {
        programs.push_back({name, command, *major, false});
      }
    } catch (const Error&) {
      continue; // what cannot be started is no candidate
    }
  }
  return programs;
}

std::string install(int major) {
  const std::string package = "postgresql-client-" + std::to_string(major);
  return "install the package " + package + " (Debian: apt install " + package +
         "), or set \"client\" in savepoint.json to run it where the server is";
}

[[noreturn]] void throw_missing(const std::string& name, const database::Target& target,
                                const std::vector<Program>& found, const std::string& need,
                                int major) {
  std::string has = "there is none";
  if (!target.settings.client.empty() && found.empty()) {
    has = quoted(target.settings.client.front()) + " has none";
  } else if (!found.empty()) {
    const Program& newest = *std::ranges::max_element(found, {}, &Program::major);
    has = "the newest one here is " + std::to_string(newest.major) + " (" + newest.command.back() +
          ")";
  }
  throw NotFoundError(name + need + " is missing: " + has, install(major));
}

} // namespace

Program find_dump(const database::Target& target, int server_major,
                  const std::filesystem::path& versions) {
  const std::vector<Program> found = programs_called("pg_dump", target, versions);
  const Program* best = nullptr;
  for (const Program& program : found) {
    if (program.major >= server_major && (best == nullptr || program.major < best->major)) {
      best = &program;
    }
  }
  if (best == nullptr) {
    throw_missing("pg_dump", target, found,
                  " for a server of version " + std::to_string(server_major), server_major);
  }
  return *best;
}

Program find_restore(const database::Target& target, int server_major, int format,
                     const std::filesystem::path& versions) {
  const std::vector<Program> found = programs_called("pg_restore", target, versions);
  const int least = oldest_restore_for(format);
  const auto rank = [&](const Program& program) {
    return program.major <= server_major ? server_major - program.major
                                         : 1000 + program.major - server_major;
  };
  const Program* best = nullptr;
  for (const Program& program : found) {
    if (program.major >= least && (best == nullptr || rank(program) < rank(*best))) {
      best = &program;
    }
  }
  if (best == nullptr) {
    throw_missing("pg_restore", target, found, " of version " + std::to_string(least) + " or later",
                  std::max(least, server_major));
  }
  return *best;
}

std::unique_ptr<process::Child>
start_client(const Program& program, std::vector<std::string> arguments, const Access& access,
             const database::Target& target, const ClientEnvironment& environment,
             const std::string& database, const Cancellation& cancellation) {
  process::Command command;
  command.directory = target.project;
  std::vector<std::string> words = program.command;
  if (!program.is_inside) {
    command.environment = environment.variables();
    words.push_back("--dbname=" + environment.connection());
    words.insert(words.end(), arguments.begin(), arguments.end());
  } else {
    // Its own environment, and no way in but its input: so the password is its first line.
    command.environment = target.environment;
    command.environment.erase("PGPASSWORD");
    words.pop_back();
    words.insert(words.end(),
                 {"sh", "-c",
                  "IFS= read -r PGPASSWORD; [ -z \"$PGPASSWORD\" ] && unset PGPASSWORD || "
                  "export PGPASSWORD; export LC_ALL=C; exec \"$@\"",
                  program.name, program.name});
    words.insert(words.end(), arguments.begin(), arguments.end());
    const auto user = access.keywords.find("user");
    if (user != access.keywords.end()) {
      words.push_back("--username=" + user->second);
    }
    words.push_back("--dbname=" + connection_text({{"dbname", database}}));
  }
  command.program = words.front();
  command.arguments.assign(words.begin() + 1, words.end());
  auto child = std::make_unique<process::Child>(command, cancellation);
  if (program.is_inside) {
    (void)child->write(as_bytes(access.password.reveal() + "\n"));
  }
  return child;
}

std::string complaint(const process::Ended& ended) {
  std::string first;
  std::string last;
  std::istringstream lines(ended.error_output);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) {
      continue;
    }
    if (first.empty() && line.find("error: ") != std::string::npos) {
      first = line;
    }
    last = line;
  }
  std::string words = first.empty() ? last : first;
  for (const std::string_view prefix : {"pg_dump: ", "pg_restore: ", "error: "}) {
    if (words.starts_with(prefix)) {
      words.erase(0, prefix.size());
    }
  }
  if (words.empty()) {
    words = ended.exit_code > 128
                ? "it was ended by signal " + std::to_string(ended.exit_code - 128)
                : "it ended with exit code " + std::to_string(ended.exit_code);
  }
  return printable(words);
}

} // namespace savepoint::drivers::postgres
