#include "base/bytes.hpp"
#include "fs/files.hpp"
#include "fs/status.hpp"
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

constexpr string_view k_begin =
    "# >>> savepoint hooks >>> ('savepoint hooks uninstall' takes these "
    "lines out)\n";
constexpr string_view k_end = "# <<< savepoint hooks <<<\n";
constexpr string_view k_linked_config = "linked-config";
constexpr string_view k_newline_added = "# (the line above had no end)\n";

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

/// As a value in git's configuration.
std::string for_config(string_view text) {
  std::string result = "\"";
  for (const char letter : text) {
    if (letter == '\n') {
      result += "\\n";
      continue;
    }
    if (letter == '"' || letter == '\\') {
      result += '\\';
    }
    result += letter;
  }
  return result + "\"";
}

/// Our directory as the work tree that is not a linked one sees it: relative where that is
/// possible, so that the repository can be moved.
std::string seen_from_main(const Surroundings& surroundings) {
  const filesystem::path& common = surroundings.common;
  if (common.filename() == ".git") {
    return ".git/" + std::string(k_our_directory);
  }
  const filesystem::path relative =
      surroundings.our_directory().lexically_relative(surroundings.top);
  const bool is_main = !fs::status(common / "worktrees"); // else we may be in a linked one
  return is_main && !relative.empty() ? relative.string() : surroundings.our_directory().string();
}

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
  files["config"] = {hooks_path_config(seen_from_main(surroundings)), k_readable};
  files[std::string(k_linked_config)] = {hooks_path_config(surroundings.our_directory().string()),
                                         k_readable};
  return files;
}

/// For a pattern that means just this text.
std::string for_pattern(string_view text) {
  std::string result;
  for (const char letter : text) {
    if (string_view("*?[]\\").find(letter) != string_view::npos) {
      result += '\\';
    }
    result += letter;
  }
  return result;
}

std::string include_if(const std::string& pattern, string_view file) {
  return "[includeIf " + for_config("gitdir:" + pattern) +
         "]\n\tpath = " + std::string(k_our_directory) + "/" + std::string(file) + "\n";
}

enum class Newline { was_there, added };

/// What is appended to git's configuration. At its end, so that it goes before what others set
/// there later; included, so that nothing of theirs is changed and nothing stays behind if our
/// directory is deleted. Linked work trees need an absolute path, and where that is not right any
/// more, because the repository was moved, nothing is included there.
std::string wanted_include(Place place, const Surroundings& surroundings, Newline newline) {
  std::string text(k_begin);
  if (newline == Newline::added) {
    text += k_newline_added;
  }
  if (place == Place::configured) {
    text += "[include]\n\tpath = " + std::string(k_our_directory) + "/config\n";
  } else {
    const filesystem::path& common = surroundings.common;
    text += include_if("**/" + for_pattern(common.filename().string()), "config");
    text += include_if(for_pattern(common.string()) + "/worktrees/", k_linked_config);
  }
  return text + std::string(k_end);
}

/// The repository's configuration, and our lines in it.
struct Config {
  filesystem::path path;
  std::string text;
  std::string ours;
  std::string rest;
};

Config read_config(const Surroundings& surroundings) {
  Config config;
  config.path = filesystem::weakly_canonical(surroundings.common / "config");
  config.text = as_text(fs::read_file(config.path).value_or(Bytes()));
  config.rest = config.text;
  const std::size_t begin = config.text.find(k_begin);
  const std::size_t end = begin == std::string::npos ? begin : config.text.find(k_end, begin);
  if (end != std::string::npos) {
    const std::size_t behind = end + k_end.size();
    config.ours = config.text.substr(begin, behind - begin);
    std::string before = config.text.substr(0, begin);
    if (config.ours.find(k_newline_added) != std::string::npos && before.ends_with('\n')) {
      before.pop_back();
    }
    config.rest = before + config.text.substr(behind);
  }
  return config;
}

void set_config(const Config& config, std::string content, Plan& plan) {
  if (content != config.text) {
    plan.edits.push_back({.kind = Edit::Kind::set,
                          .path = config.path,
                          .content = std::move(content),
                          .before = config.text});
  }
}

bool is_as_wanted(const filesystem::path& path, const File& file) {
  const auto status = fs::status(path);
  if (!status || status->kind != fs::FileKind::regular || status->mode != file.mode) {
    return false;
  }
  const std::optional<Bytes> bytes = fs::read_file(path);
  return bytes && as_text(*bytes) == file.content;
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
  const Config config = read_config(surroundings);
  const bool lacks_newline = !config.rest.empty() && !config.rest.ends_with('\n');
  set_config(
      config,
      config.rest + (lacks_newline ? "\n" : "") +
          wanted_include(place, surroundings, lacks_newline ? Newline::added : Newline::was_there),
      plan);
  for (const std::string& name : fs::list_names(directory)) {
    if (!files.contains(name)) {
      plan.edits.push_back({.kind = Edit::Kind::remove, .path = directory / name});
    }
  }
}

void take_out_of_directory(const Surroundings& surroundings, Plan& plan) {
  const Config config = read_config(surroundings);
  set_config(config, config.rest, plan);
  const filesystem::path directory = surroundings.our_directory();
  if (!fs::status(directory)) {
    return;
  }
  for (const std::string& name : fs::list_names(directory)) {
    plan.edits.push_back({.kind = Edit::Kind::remove, .path = directory / name});
  }
  plan.edits.push_back({.kind = Edit::Kind::remove, .path = directory});
}

std::optional<Place> place_of_directory(const Surroundings& surroundings) {
  const std::string ours = read_config(surroundings).ours;
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
