#include "git/user_git.hpp"

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/printable.hpp"
#include "base/repository_variables.hpp"
#include "process/run.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace savepoint::git {
namespace {

constexpr int k_no_such_key = 1; // of `git config --get-all`

std::string complaint(const process::Result& result) {
  const std::string& said = result.error_output;
  return said.empty() ? "exit code " + std::to_string(result.exit_code)
                      : printable(said.substr(0, said.find('\n')));
}

} // namespace

std::optional<GitVersion> parse_git_version(std::string_view line) {
  constexpr std::string_view k_begin = "git version ";
  if (!line.starts_with(k_begin)) {
    return std::nullopt;
  }
  line.remove_prefix(k_begin.size());
  GitVersion version;
  const char* const end = line.data() + line.size();
  const auto major = std::from_chars(line.data(), end, version.major);
  if (major.ec != std::errc() || major.ptr == end || *major.ptr != '.') {
    return std::nullopt;
  }
  const auto minor = std::from_chars(major.ptr + 1, end, version.minor);
  return minor.ec == std::errc() ? std::optional(version) : std::nullopt;
}

std::optional<UserGit> UserGit::find(std::filesystem::path work_tree,
                                     std::map<std::string, std::string> environment) {
  const auto path = environment.find("PATH");
  auto program =
      process::find_program("git", path == environment.end() ? std::string() : path->second);
  if (!program) {
    return std::nullopt;
  }
  return UserGit(*std::move(program), std::move(work_tree), std::move(environment));
}

UserGit::UserGit(std::filesystem::path program, std::filesystem::path work_tree,
                 std::map<std::string, std::string> environment)
    : program_(std::move(program)), work_tree_(std::move(work_tree)),
      environment_(std::move(environment)) {
  // The rest is not git's business, passwords among it.
  std::erase_if(environment_, [](const auto& variable) {
    const std::string_view name = variable.first;
    const bool counts = name == "PATH" || name == "HOME" || name == "XDG_CONFIG_HOME" ||
                        name == "GIT_EXEC_PATH" || name == "SUDO_UID" ||
                        name.starts_with("GIT_CONFIG");
    return !counts ||
           std::ranges::find(k_repository_variables, name) != k_repository_variables.end();
  });
  environment_["LC_ALL"] = "C";
}

process::Result UserGit::run(std::vector<std::string> arguments) const {
  process::Command command;
  command.program = program_;
  command.arguments = std::move(arguments);
  command.environment = environment_;
  command.directory = work_tree_;
  return process::run(command);
}

GitVersion UserGit::version() const {
  const process::Result result = run({"--version"});
  const std::optional<GitVersion> version = parse_git_version(as_text(result.output));
  if (!version) {
    throw IoError("cannot learn the version of git: " + complaint(result));
  }
  return *version;
}

std::vector<UserGit::Setting> UserGit::paths(const std::string& key) const {
  return read_settings(key, "--type=path");
}

std::vector<UserGit::Setting> UserGit::values(const std::string& key) const {
  return read_settings(key, "--no-type");
}

std::vector<UserGit::Setting> UserGit::read_settings(const std::string& key,
                                                     const char* type) const {
  const process::Result result = run({"config", "--show-scope", "-z", type, "--get-all", key});
  if (result.exit_code != 0 && result.exit_code != k_no_such_key) {
    throw IoError("cannot read the setting " + quoted(key) + " of git: " + complaint(result));
  }
  std::vector<Setting> settings;
  std::string_view rest = as_text(result.output);
  const auto next = [&rest] {
    const std::size_t end = std::min(rest.find('\0'), rest.size());
    std::string word(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return word;
  };
  while (!rest.empty()) {
    std::string scope = next();
    settings.push_back({.scope = std::move(scope), .value = next()});
  }
  return settings;
}

} // namespace savepoint::git
