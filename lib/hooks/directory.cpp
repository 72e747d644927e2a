#include "base/bytes.hpp"
#include "base/printable.hpp"
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
constexpr string_view k_config = "config";

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

/// A file of our directory, as it is. Git says that hooks are there, so others write some, too.
struct Seen {
  std::optional<fs::FileStatus> status;
  std::string text;           ///< Of a regular file.
  std::optional<Found> found; ///< Our lines in it.

  [[nodiscard]] bool is_ours_alone() const { return found && hooks::is_ours_alone(*found); }
};

Seen see(const filesystem::path& path) {
  Seen seen{.status = fs::status(path), .text = {}, .found = std::nullopt};
  if (seen.status && seen.status->kind == fs::FileKind::regular) {
    seen.text = as_text(fs::read_file(path).value_or(Bytes()));
    seen.found = find_lines(seen.text);
  }
  return seen;
}

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
    files[std::string(k_config)] = {configured_hooks(), k_readable};
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
  files[std::string(k_config)] = {hooks_path_config(seen_from_main(surroundings, k_our_directory)),
                                  k_readable};
  files[std::string(k_linked_config)] = {hooks_path_config(surroundings.our_directory().string()),
                                         k_readable};
  return files;
}

std::string wanted_include(Place place, const Surroundings& surroundings) {
  if (place == Place::leading_on) {
    return include_by_work_tree(surroundings, k_our_directory);
  }
  return include_always(std::string(k_our_directory) + "/" + std::string(k_config));
}

void put(const filesystem::path& path, const File& file, const Surroundings& surroundings,
         Plan& plan) {
  if (is_file_as(path, file.content, file.mode)) {
    return;
  }
  const std::string name = path.filename().string();
  const Seen seen = see(path);
  const std::optional<Found> ours = find_lines(file.content); // settings have none
  Edit edit{.kind = Edit::Kind::write,
            .path = path,
            .content = file.content,
            .mode = file.mode,
            .before = seen.text};
  if (ours && seen.found && seen.found->rest.find('\n') != std::string::npos) {
    edit.content = with_lines(seen.found->rest, ours->lines);
    if (is_file_as(path, edit.content, file.mode)) {
      return;
    }
  } else if (ours && seen.status) {
    keep_aside(path, plan);
    edit.before.reset();
    plan.notes.push_back(quoted(path.string()) + " was written by somebody else, and is now " +
                         quoted(aside(path).string()) + ": to have git run it, move it to " +
                         quoted((surroundings.their_directory() / name).string()));
  }
  plan.edits.push_back(std::move(edit));
}

/// Whether nothing stays of it.
bool take_out(const filesystem::path& path, Plan& plan) {
  const Seen seen = see(path);
  const bool is_settings = path.filename() == k_config || path.filename() == k_linked_config;
  if (seen.is_ours_alone() || is_settings) {
    plan.edits.push_back({.kind = Edit::Kind::remove, .path = path, .before = seen.text});
    return true;
  }
  if (seen.found) {
    plan.edits.push_back({.kind = Edit::Kind::write,
                          .path = path,
                          .content = seen.found->rest,
                          .mode = seen.status->mode,
                          .before = seen.text});
  }
  return false;
}

} // namespace

void put_into_directory(Place place, const Surroundings& surroundings, const Request& request,
                        Plan& plan) {
  const filesystem::path directory = surroundings.our_directory();
  const std::map<std::string, File> files = wanted(place, surroundings, request);
  for (const auto& [name, file] : files) {
    put(directory / name, file, surroundings, plan);
  }
  put_into_config(surroundings, k_config_part, wanted_include(place, surroundings), plan);
  for (const std::string& name : fs::list_names(directory)) {
    if (!files.contains(name)) {
      take_out(directory / name, plan);
    }
  }
}

void take_out_of_directory(const Surroundings& surroundings, Plan& plan) {
  take_out_of_config(surroundings, k_config_part, plan);
  const filesystem::path directory = surroundings.our_directory();
  if (!fs::status(directory)) {
    return;
  }
  bool is_empty = true;
  for (const std::string& name : fs::list_names(directory)) {
    if (!take_out(directory / name, plan)) {
      is_empty = false;
      plan.notes.push_back(quoted((directory / name).string()) +
                           " stays: somebody else wrote it. Git does not run hooks from there "
                           "any more");
    }
  }
  if (is_empty) {
    plan.edits.push_back({.kind = Edit::Kind::remove, .path = directory});
  }
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
  const Seen seen = see(status.file);
  if (!seen.found) {
    return status;
  }
  status.is_shared = place == Place::leading_on &&
                     fs::status(surroundings.their_directory() / name_of(hook)).has_value();
  const bool is_run = (seen.status->mode & k_any_execute) != 0 &&
                      (place == Place::configured ? surroundings.best_place() == Place::configured
                                                  : surroundings.looks_at_ours);
  const bool is_current = seen.found->lines == lines_for(form, name_of(hook), request.executable) &&
                          seen.status->mode == k_executable;
  status.state = !is_run ? State::unused : is_current ? State::active : State::outdated;
  return status;
}

} // namespace savepoint::hooks
