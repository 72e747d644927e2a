#include "hooks/internal/git_config.hpp"

#include "base/ascii.hpp"
#include "base/bytes.hpp"
#include "fs/files.hpp"
#include "fs/status.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace savepoint::hooks {
namespace {

namespace filesystem = std::filesystem;
using std::string_view;

constexpr string_view k_newline_added = "# (the line above had no end)\n";

constexpr string_view k_begin = "# >>> savepoint ";
constexpr string_view k_end = "# <<< savepoint ";
constexpr string_view k_blanks = " \t";

std::string begin_of(string_view part) {
  return std::string(k_begin) + std::string(part) +
         " >>> ('savepoint hooks uninstall' takes these lines out)\n";
}

std::string end_of(string_view part) {
  return std::string(k_end) + std::string(part) + " <<<\n";
}

/// The repository's configuration as it will be so far, and the lines of one part in it.
struct Config {
  filesystem::path path;
  std::string text;
  std::string ours;
  std::string rest;
};

Edit* planned(const filesystem::path& path, Plan& plan) {
  const auto found = std::ranges::find_if(plan.edits, [&](const Edit& edit) {
    return edit.kind == Edit::Kind::set && edit.path == path;
  });
  return found == plan.edits.end() ? nullptr : &*found;
}

/// The first line of `text` and those in which its value goes on.
string_view first_setting(string_view text) {
  const bool is_comment = text.starts_with('#') || text.starts_with(';');
  std::size_t end = text.find('\n');
  while (!is_comment && end != string_view::npos && end > 0 && text[end - 1] == '\\') {
    end = text.find('\n', end + 1);
  }
  return text.substr(0, end == string_view::npos ? end : end + 1);
}

bool is_mark(string_view line) {
  return line.starts_with(k_begin) || line.starts_with(k_end) || line == k_newline_added;
}

/// `setting` is without blanks before it.
bool is_setting_of_ours(string_view setting) {
  const std::size_t end = std::min(setting.find_first_of(" \t=\n"), setting.size());
  const std::string key = lower(setting.substr(0, end));
  if (key != "path") {
    return key == "follow";
  }
  const std::size_t value = std::min(setting.find_first_not_of(" \t=", end), setting.size());
  return setting.substr(value).starts_with("savepoint-");
}

/// What is between our marks and not ours, with its sections: git writes a setting into the last
/// section of its name, and that may be one of ours.
std::string lines_of_others(string_view lines) {
  std::string others;
  string_view section;
  while (!lines.empty()) {
    const string_view line = first_setting(lines);
    lines.remove_prefix(line.size());
    const string_view setting =
        line.substr(std::min(line.find_first_not_of(k_blanks), line.size()));
    if (setting.starts_with('[') && setting.ends_with("]\n")) {
      section = line;
    } else if (!is_mark(line) && !is_setting_of_ours(setting)) {
      others += std::string(std::exchange(section, {})) + std::string(line);
    }
  }
  return others;
}

Config read_config(const Surroundings& surroundings, string_view part, Plan& plan) {
  Config config;
  config.path = filesystem::weakly_canonical(surroundings.common / "config");
  if (const Edit* const edit = planned(config.path, plan)) {
    config.text = edit->content;
  } else {
    config.text = as_text(fs::read_file(config.path).value_or(Bytes()));
  }
  config.rest = config.text;
  const std::size_t begin = config.text.find(begin_of(part));
  const std::string end_mark = end_of(part);
  const std::size_t end = begin == std::string::npos ? begin : config.text.find(end_mark, begin);
  if (end == std::string::npos) {
    return config;
  }
  const std::size_t behind = end + end_mark.size();
  config.ours = config.text.substr(begin, behind - begin);
  std::string before = config.text.substr(0, begin);
  std::string after = lines_of_others(config.ours) + config.text.substr(behind);
  if (config.ours.find(k_newline_added) != std::string::npos && before.ends_with('\n')) {
    if (after.empty()) {
      before.pop_back(); // what follows would become a part of the line otherwise
    } else if (after.starts_with(k_begin)) {
      after.insert(after.find('\n') + 1, k_newline_added); // another part of ours takes it out
    }
  }
  config.rest = before + after;
  return config;
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

std::string include_if(const std::string& pattern, const std::string& file) {
  return "[includeIf " + for_config("gitdir:" + pattern) + "]\n\tpath = " + file + "\n";
}

/// Where the configuration is changed: before what it led to goes, or after what it leads to came.
enum class When { first, last };

void set_config(const Config& config, std::string content, When when, Plan& plan) {
  Edit edit{.kind = Edit::Kind::set, .path = config.path, .content = {}, .before = config.text};
  if (const Edit* const earlier = planned(config.path, plan)) {
    edit.before = earlier->before;
    std::erase_if(plan.edits, [&](const Edit& one) {
      return one.kind == Edit::Kind::set && one.path == config.path;
    });
  }
  edit.content = std::move(content);
  if (edit.content != edit.before) {
    plan.edits.insert(when == When::first ? plan.edits.begin() : plan.edits.end(), edit);
  }
}

} // namespace

std::string lines_in_config(const Surroundings& surroundings, string_view part) {
  Plan none;
  return read_config(surroundings, part, none).ours;
}

void put_into_config(const Surroundings& surroundings, string_view part, const std::string& lines,
                     Plan& plan) {
  const Config config = read_config(surroundings, part, plan);
  const bool lacks_newline = !config.rest.empty() && !config.rest.ends_with('\n');
  set_config(config,
             config.rest + (lacks_newline ? "\n" : "") + begin_of(part) +
                 (lacks_newline ? std::string(k_newline_added) : "") + lines + end_of(part),
             When::last, plan);
}

void take_out_of_config(const Surroundings& surroundings, string_view part, Plan& plan) {
  const Config config = read_config(surroundings, part, plan);
  set_config(config, config.rest, When::first, plan);
}

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

std::optional<bool> git_bool(string_view value) {
  static constexpr std::array<string_view, 4> k_yes{"true", "yes", "on", "1"};
  static constexpr std::array<string_view, 5> k_no{"false", "no", "off", "0", ""};
  const std::string word = lower(value);
  if (std::ranges::find(k_yes, word) != k_yes.end()) {
    return true;
  }
  return std::ranges::find(k_no, word) != k_no.end() ? std::optional(false) : std::nullopt;
}

std::string include_by_work_tree(const Surroundings& surroundings, string_view directory) {
  const filesystem::path& common = surroundings.common;
  const std::string folder = std::string(directory) + "/";
  const std::string absolute = folder + std::string(k_linked_config);
  // The last one counts: git may be told that the files are elsewhere (--work-tree).
  return include_if("**/" + for_pattern(common.filename().string()), folder + "config") +
         include_if(for_pattern(common.string()), absolute) +
         include_if(for_pattern(common.string()) + "/worktrees/", absolute);
}

std::string include_always(const std::string& file) {
  return include_if("/", file);
}

std::string seen_from_main(const Surroundings& surroundings, string_view directory) {
  const filesystem::path& common = surroundings.common;
  if (common.filename() == ".git") {
    return ".git/" + std::string(directory);
  }
  const filesystem::path path = common / directory;
  const filesystem::path relative = path.lexically_relative(surroundings.top);
  const bool is_main = !fs::status(common / "worktrees"); // else we may be in a linked one
  return is_main && !relative.empty() ? relative.string() : path.string();
}

bool is_file_as(const filesystem::path& path, string_view content, std::uint32_t mode) {
  const auto status = fs::status(path);
  if (!status || status->kind != fs::FileKind::regular || status->mode != mode) {
    return false;
  }
  const std::optional<Bytes> bytes = fs::read_file(path);
  return bytes && as_text(*bytes) == content;
}

} // namespace savepoint::hooks
