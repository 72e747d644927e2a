#include "hooks/internal/guard.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "fs/files.hpp"
#include "fs/status.hpp"
#include "hooks/internal/git_config.hpp"
#include "hooks/internal/script.hpp"

#include <algorithm>
#include <string>

namespace savepoint::hooks {
namespace {

namespace filesystem = std::filesystem;
using std::string_view;

constexpr string_view k_part = "guard";
constexpr string_view k_script = "fsmonitor";
constexpr std::uint32_t k_executable = 0755;
constexpr std::uint32_t k_readable = 0644;
/// "Everything may have changed", in both versions of git's protocol. To a failure git would answer
/// by asking again, in the other version. The token is git's own, so that a monitor that comes
/// after us learns since when nobody watched.
constexpr string_view k_answer =
    R"(case ${1-} in 1) printf '/\0' ;; *) printf '%s\0/\0' "${2:-0}" ;; esac)";

/// Git gives a value with such letters to a shell.
std::string for_shell_if_needed(const std::string& path) {
  const bool is_plain = path.find_first_of("|&;<>()$`\\\"' \t\n*?[#~=%") == std::string::npos;
  return is_plain ? path : "'" + for_shell(path) + "'";
}

filesystem::path directory_of(const Surroundings& surroundings) {
  return surroundings.common / k_guard_directory;
}

std::string config_with(const std::string& directory) {
  const std::string script = for_shell_if_needed(directory + "/" + std::string(k_script));
  return "[core]\n\tfsmonitor = " + for_config(script) + "\n";
}

/// Whether a value of core.fsmonitor is ours, in quotes or not.
bool is_ours(string_view value) {
  const std::string script = std::string(k_guard_directory) + "/" + std::string(k_script);
  return value.ends_with(script) || value.ends_with(script + "'");
}

/// The setting that would count without us.
const git::UserGit::Setting* setting_of_others(const Surroundings& surroundings) {
  const auto& settings = surroundings.monitors;
  const auto last = std::find_if(settings.rbegin(), settings.rend(),
                                 [](const auto& setting) { return !is_ours(setting.value); });
  return last == settings.rend() ? nullptr : &*last;
}

/// What git would run without us; empty if nothing.
std::string find_monitor(const Surroundings& surroundings) {
  const git::UserGit::Setting* const setting = setting_of_others(surroundings);
  return setting == nullptr || git_bool(setting->value) ? std::string() : setting->value;
}

/// Throws RefusedError where the guard cannot be.
void require_place(const Surroundings& surroundings) {
  const git::UserGit::Setting* const setting = setting_of_others(surroundings);
  if (setting == nullptr || git_bool(setting->value) == false) {
    return;
  }
  if (git_bool(setting->value)) {
    throw RefusedError(
        "cannot install the guard: core.fsmonitor is git's own monitor (" + setting->scope + ")",
        "git asks either its monitor or the guard: to have the guard, run 'git config " +
            (setting->scope == "local" ? std::string() : "--" + setting->scope + " ") +
            "--unset core.fsmonitor'; without it 'savepoint hooks install' covers what "
            "docs/hooks.md says");
  }
  if (setting->scope == "worktree") {
    throw RefusedError("cannot install the guard: core.fsmonitor is set for this work tree "
                       "alone, where git looks before it looks at the repository's settings",
                       "set it for the repository instead, and install again");
  }
}

std::string wanted_script(const Surroundings& surroundings, const Request& request) {
  const std::string monitor = find_monitor(surroundings);
  return guard_script(request.executable.parent_path() / "savepoint-guard",
                      monitor.empty() ? std::string(k_answer) : monitor + " \"$@\"");
}

} // namespace

void put_guard(const Surroundings& surroundings, const Request& request, Plan& plan) {
  if (request.guard) {
    require_place(surroundings);
  }
  const filesystem::path directory = directory_of(surroundings);
  const auto write = [&](string_view name, std::string content, std::uint32_t mode) {
    if (!is_file_as(directory / name, content, mode)) {
      plan.edits.push_back({.kind = Edit::Kind::write,
                            .path = directory / name,
                            .content = std::move(content),
                            .mode = mode});
    }
  };
  write(k_script, wanted_script(surroundings, request), k_executable);
  write("config", config_with(seen_from_main(surroundings, k_guard_directory)), k_readable);
  write(k_linked_config, config_with(directory.string()), k_readable);
  put_into_config(surroundings, k_part, include_by_work_tree(surroundings, k_guard_directory),
                  plan);
}

void take_guard_out(const Surroundings& surroundings, Plan& plan) {
  take_out_of_config(surroundings, k_part, plan);
  const filesystem::path directory = directory_of(surroundings);
  if (!fs::status(directory)) {
    return;
  }
  for (const std::string& name : fs::list_names(directory)) {
    plan.edits.push_back({.kind = Edit::Kind::remove, .path = directory / name});
  }
  plan.edits.push_back({.kind = Edit::Kind::remove, .path = directory});
}

GuardStatus look_at_guard(const Surroundings& surroundings, const Request& request) {
  GuardStatus status{.file = directory_of(surroundings) / k_script};
  status.installed = !lines_in_config(surroundings, k_part).empty();
  const bool is_asked =
      !surroundings.monitors.empty() && is_ours(surroundings.monitors.back().value);
  if (!status.installed) {
    return status;
  }
  const auto file = fs::status(status.file);
  if (!is_asked || !file || (file->mode & 0111U) == 0) {
    status.state = State::unused;
    return status;
  }
  const bool is_current =
      is_file_as(status.file, wanted_script(surroundings, request), k_executable);
  status.state = is_current ? State::active : State::outdated;
  return status;
}

} // namespace savepoint::hooks
