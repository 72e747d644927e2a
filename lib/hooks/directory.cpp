#include "base/bytes.hpp"
#include "fs/files.hpp"
#include "fs/status.hpp"
#include "hooks/internal/git_config.hpp"
#include "hooks/internal/places.hpp"
#include "hooks/internal/script.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>

namespace savepoint::hooks {
namespace {

namespace filesystem = std::filesystem;
using std::string_view;

constexpr std::uint32_t k_executable = 0755;
constexpr std::uint32_t k_readable = 0644;
constexpr std::uint32_t k_any_execute = 0111;
constexpr string_view k_config_part = "hooks";

/// Hooks that only lead on. That they are there changes nothing else about what git does.
constexpr std::array<string_view, 8> k_always{
    "applypatch-msg", "pre-applypatch", "post-applypatch", "prepare-commit-msg",
    "commit-msg",     "post-commit",    "pre-auto-gc",     "sendemail-validate"};
/// Those whose mere presence costs time or changes what git does: only where there is one.
constexpr std::array<string_view, 13> k_if_there{"reference-transaction",
                                                 "post-index-change",
                                                 "push-to-checkout",
                                                 "pre-receive",
                                                 "update",
                                                 "post-receive",
                                                 "post-update",
                                                 "proc-receive",
                                                 "p4-changelist",
                                                 "p4-prepare-changelist",
                                                 "p4-post-changelist",
                                                 "p4-pre-submit",
                                                 "fsmonitor-watchman"};

std::string hooks_path_config(const std::string& path) {
  return "[core]\n\thooksPath = " + for_config(path) + "\n";
}

/// One friendly name for each hook, because git does not say which hook it is.
std::string configured_hooks() {
  std::string text;
  for (const Hook hook : k_hooks) {
    const std::string name(name_of(hook));
    // The arguments follow behind the last word.
    const std::string command = "savepoint=\"$(git rev-parse --git-common-dir)/" +
                                std::string(k_our_directory) + "/" + name +
                                "\"; test ! -x \"$savepoint\" || \"$savepoint\"";
    text += "[hook \"savepoint-" + name + "\"]\n\tevent = " + name +
            "\n\tcommand = " + for_config(command) + "\n";
  }
  return text;
}

struct File {
  std::string content;
  std::uint32_t mode = k_executable;
};

/// All that is to be in our directory.
std::map<std::string, File> wanted(Place place, const Surroundings& surroundings,
                                   const Request& request) {
  std::map<std::string, File> files;
  const bool leads_on = place == Place::leading_on;
  const auto add = [&](string_view name) {
    files[std::string(name)] = {
        script_for(leads_on ? Form::leading_on : Form::own, name, request.executable)};
  };
  for (const Hook hook : k_hooks) {
    add(name_of(hook));
  }
  if (!leads_on) {
    files["config"] = {configured_hooks(), k_readable};
    return files;
  }
  for (const string_view name : k_always) {
    add(name);
  }
  for (const string_view name : k_if_there) {
    if (fs::status(surroundings.their_directory() / name)) {
      add(name);
    }
  }
  files["config"] = {hooks_path_config(seen_from_main(surroundings, k_our_directory)), k_readable};
  files[std::string(k_linked_config)] = {hooks_path_config(surroundings.our_directory().string()),
                                         k_readable};
  return files;
}

std::string wanted_include(Place place, const Surroundings& surroundings) {
  if (place == Place::leading_on) {
    return include_by_work_tree(surroundings, k_our_directory);
  }
  return "[include]\n\tpath = " + std::string(k_our_directory) + "/config\n";
}

bool is_as_wanted(const filesystem::path& path, const File& file) {
  return is_file_as(path, file.content, file.mode);
}

} // namespace

void put_into_directory(Place place, const Surroundings& surroundings, const Request& request,
                        Plan& plan) {
  const filesystem::path directory = surroundings.our_directory();
  const std::map<std::string, File> files = wanted(place, surroundings, request);
  for (const auto& [name, file] : files) {
    if (!is_as_wanted(directory / name, file)) {
      plan.edits.push_back({.kind = Edit::Kind::write,
                            .path = directory / name,
                            .content = file.content,
                            .mode = file.mode});
    }
  }
  put_into_config(surroundings, k_config_part, wanted_include(place, surroundings), plan);
  for (const std::string& name : fs::list_names(directory)) {
    if (!files.contains(name)) {
      plan.edits.push_back({.kind = Edit::Kind::remove, .path = directory / name});
    }
  }
}

void take_out_of_directory(const Surroundings& surroundings, Plan& plan) {
  take_out_of_config(surroundings, k_config_part, plan);
  remove_directory(surroundings.our_directory(), plan);
}

std::optional<Place> place_of_directory(const Surroundings& surroundings) {
  const std::string ours = lines_in_config(surroundings, k_config_part);
  if (ours.empty()) {
    return std::nullopt;
  }
  return ours.find(k_linked_config) == std::string::npos ? Place::configured : Place::leading_on;
}

HookStatus look_into_directory(Place place, const Surroundings& surroundings,
                               const Request& request, Hook hook) {
  const Form form = place == Place::leading_on ? Form::leading_on : Form::own;
  HookStatus status{.hook = hook, .file = surroundings.our_directory() / name_of(hook)};
  const auto seen = fs::status(status.file);
  if (!seen) {
    return status;
  }
  status.is_shared = place == Place::leading_on &&
                     fs::status(surroundings.their_directory() / name_of(hook)).has_value();
  const bool is_run = (seen->mode & k_any_execute) != 0 &&
                      (place == Place::configured ? surroundings.best_place() == Place::configured
                                                  : surroundings.looks_at_ours);
  const bool is_current =
      is_as_wanted(status.file, {script_for(form, name_of(hook), request.executable)});
  status.state = !is_run ? State::unused : is_current ? State::active : State::outdated;
  return status;
}

} // namespace savepoint::hooks
