#include "npm/scripts.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "commands/label.hpp"
#include "commands/shell_line.hpp"
#include "json/edit.hpp"
#include "json/value.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace savepoint::npm {
namespace {

using std::string_view;

constexpr string_view k_section = "scripts";
constexpr string_view k_wrapper = "savepoint run -- ";

constexpr std::array<std::pair<string_view, string_view>, 7> k_scripts{{
    {"backup", "savepoint snapshot --trigger target:backup"},
    {"backup:db", "savepoint snapshot --trigger target:backup:db --only database"},
    {"backup:code", "savepoint snapshot --trigger target:backup:code --only code"},
    {"backup:config", "savepoint snapshot --trigger target:backup:config --only config"},
    {"backup:list", "savepoint list"},
    {"backup:verify", "savepoint verify"},
    {"restore", "savepoint restore"},
}};

/// Run by npm itself, by hosts and in images, where savepoint need not be installed.
constexpr std::array<string_view, 20> k_run_elsewhere{
    "preinstall",  "install",      "postinstall",      "preprepare",      "prepare",
    "postprepare", "prepublish",   "prepublishOnly",   "prepack",         "postpack",
    "prestart",    "start",        "poststart",        "prebuild",        "build",
    "postbuild",   "vercel-build", "heroku-postbuild", "heroku-prebuild", "now-build"};

/// What migration tools do without changing a database.
constexpr std::array<string_view, 16> k_harmless{
    "make", "status",  "list",     "generate", "create",  "diff",   "pull",           "show",
    "new",  "version", "validate", "history",  "pending", "format", "currentVersion", "info"};

constexpr std::array<string_view, 11> k_words_of_programs{
    "if", "then", "elif", "else", "while", "until", "do", "for", "case", "{", "!"};

/// What may stand before a program, and before savepoint just as well.
constexpr std::array<string_view, 3> k_before_programs{"env", "cross-env", "time"};

constexpr std::array<string_view, 4> k_package_managers{"npm", "pnpm", "yarn", "bun"};

template <typename Words> bool is_one_of(const Words& words, string_view word) {
  return std::ranges::find(words, word) != words.end();
}

using Scripts = std::vector<json::TextMember>;

Scripts scripts_of(string_view text, string_view what) {
  const json::Value package = json::parse(text, what);
  const json::Value* const section = package.find(k_section);
  if (!package.is_object() || (section != nullptr && !section->is_object())) {
    throw UsageError("cannot read " + quoted(what) + ": " +
                         (package.is_object() ? "its scripts are no object" : "it is no object"),
                     "give it the form that npm describes");
  }
  Scripts scripts;
  if (section != nullptr) {
    for (const auto& [name, value] : section->members()) {
      scripts.emplace_back(name, value.is_string() ? value.as_string() : std::string());
    }
  }
  return scripts;
}

const json::TextMember* find(const Scripts& scripts, string_view name) {
  const auto found = std::ranges::find(scripts, name, &json::TextMember::first);
  return found == scripts.end() ? nullptr : &*found;
}

/// `npm run migrate`, `yarn migrate`: a script that is looked at by itself.
bool runs_script(const std::vector<std::string>& words, const Scripts& scripts) {
  if (!is_one_of(k_package_managers, words.front())) {
    return false;
  }
  for (std::size_t at = 1; at < words.size(); ++at) {
    const bool is_run = words[at] == "run" || words[at] == "run-script";
    if (is_run && (words.front() == "npm" || words.front() == "pnpm")) {
      return true; // of yarn and bun it may be a program
    }
    if (!is_run && !words[at].starts_with('-')) {
      return find(scripts, words[at]) != nullptr;
    }
  }
  return false;
}

/// The words of a label: "knex migrate:make" is knex, migrate, make.
bool is_harmless(string_view label) {
  while (!label.empty()) {
    const std::size_t end = std::min(label.find_first_of(" :"), label.size());
    if (is_one_of(k_harmless, label.substr(0, end))) {
      return true;
    }
    label.remove_prefix(std::min(end + 1, label.size()));
  }
  return false;
}

bool is_assignment(string_view word) {
  const std::size_t equals = word.find('=');
  return equals != string_view::npos && word.find_first_of("/.-") > equals;
}

/// Where in a command its program begins: behind assignments, and behind what sets variables for
/// it, since savepoint has to see them too.
std::size_t program_in(const std::vector<std::string>& words) {
  std::size_t at = 0;
  while (at < words.size()) {
    if (words[at] == "dotenv") {
      const auto dashes = std::find(words.begin(), words.end(), "--");
      if (dashes == words.end()) {
        break; // it would take our own for its
      }
      at = static_cast<std::size_t>(dashes - words.begin());
    } else if (!is_assignment(words[at]) && !is_one_of(k_before_programs, words[at])) {
      break;
    }
    ++at;
  }
  return at;
}

/// What a command of a script is about.
struct Meaning {
  bool is_migration = false;
  bool is_known = false; ///< It is a migration, or known to be none.
  std::size_t program = 0;
};

Meaning meaning_of(const commands::ShellCommand& command, const Scripts& scripts) {
  Meaning meaning{.program = program_in(command.words)};
  const auto program = command.words.begin() + static_cast<std::ptrdiff_t>(meaning.program);
  const std::vector<std::string> words(program, command.words.end());
  if (words.empty() || runs_script(words, scripts)) {
    meaning.is_known = true;
    return meaning;
  }
  const bool can_be_run = words.front() != "dotenv" && !words.front().starts_with('-');
  const commands::Label label = commands::label_of(words);
  meaning.is_known = label.is_migration && can_be_run;
  meaning.is_migration = meaning.is_known && !is_harmless(label.text);
  return meaning;
}

/// Whether a command cannot have another one put before it.
bool is_part_of_program(const commands::ShellCommand& command) {
  return command.is_nested ||
         (!command.words.empty() && is_one_of(k_words_of_programs, command.words.front()));
}

/// The line with its migrations run by savepoint; the same line if it has none.
///
/// Returns nothing if it speaks of a migration in a way that is not understood.
std::optional<std::string> wrapped(const std::string& line, const Scripts& scripts) {
  const std::vector<commands::ShellCommand> commands = commands::split_shell_line(line);
  if (std::ranges::any_of(commands, is_part_of_program)) {
    return std::nullopt;
  }
  std::string result = line;
  for (auto command = commands.rbegin(); command != commands.rend(); ++command) {
    if (const Meaning meaning = meaning_of(*command, scripts); meaning.is_migration) {
      result.insert(command->begins[meaning.program], k_wrapper);
    }
  }
  return result;
}

std::string unwrapped(std::string line) {
  std::size_t at = 0;
  while ((at = line.find(k_wrapper, at)) != std::string::npos) {
    line.erase(at, k_wrapper.size());
  }
  return line;
}

bool mentions_migration(string_view text) {
  constexpr std::array<string_view, 3> k_signs{"migrat", "db:", "db push"};
  return std::ranges::any_of(
      k_signs, [&](string_view sign) { return text.find(sign) != string_view::npos; });
}

/// Whether a command of the line seems to migrate a database, and is not known.
bool has_unknown_migration(const std::string& line, const Scripts& scripts) {
  const std::vector<commands::ShellCommand> commands = commands::split_shell_line(line);
  return std::ranges::any_of(commands, [&](const commands::ShellCommand& command) {
    std::string text;
    for (const std::string& word : command.words) {
      text += word + " ";
    }
    return mentions_migration(text) && !meaning_of(command, scripts).is_known;
  });
}

void wrap_migrations(const Scripts& scripts, Edit& edit) {
  for (const auto& [name, line] : scripts) {
    const bool is_ours =
        std::ranges::find(k_scripts, string_view(name),
                          &std::pair<string_view, string_view>::first) != k_scripts.end();
    if (is_ours || line.find("savepoint ") != std::string::npos) {
      continue;
    }
    const std::optional<std::string> after = wrapped(line, scripts);
    if (!after) {
      if (mentions_migration(line)) {
        edit.kept.push_back({name, "more than a command line: put 'savepoint run --' before the "
                                   "migration by hand"});
      }
    } else if (*after != line && is_one_of(k_run_elsewhere, name)) {
      edit.kept.push_back({name, "runs where savepoint may not be installed"});
    } else if (*after != line) {
      edit.wrapped.push_back({name, line, *after});
    } else if (has_unknown_migration(line, scripts)) {
      edit.kept.push_back({name, "not known: put 'savepoint run --' before it by hand if it "
                                 "migrates a database"});
    }
  }
}

Scripts afterwards(const std::vector<Changed>& first, const std::vector<Changed>& second) {
  Scripts scripts;
  for (const std::vector<Changed>* const changes : {&first, &second}) {
    for (const Changed& change : *changes) {
      scripts.emplace_back(change.name, change.after);
    }
  }
  return scripts;
}

} // namespace

Edit add_scripts(string_view text, string_view what) {
  const Scripts scripts = scripts_of(text, what);
  Edit edit;
  for (const auto& [name, line] : k_scripts) {
    const json::TextMember* const there = find(scripts, name);
    if (there == nullptr) {
      edit.added.push_back({std::string(name), "", std::string(line)});
    } else if (there->second != line) {
      edit.kept.push_back({std::string(name), "there is one already"});
    }
  }
  wrap_migrations(scripts, edit);
  const Scripts changed = afterwards(edit.added, edit.wrapped);
  edit.text = changed.empty() ? std::string(text) : json::set_texts(text, k_section, changed);
  return edit;
}

Edit remove_scripts(string_view text, string_view what) {
  const Scripts scripts = scripts_of(text, what);
  Edit edit;
  std::vector<std::string> gone;
  for (const auto& [name, line] : k_scripts) {
    const json::TextMember* const there = find(scripts, name);
    if (there != nullptr && there->second == line) {
      edit.removed.push_back({std::string(name), std::string(line), ""});
      gone.emplace_back(name);
    }
  }
  Scripts without_us;
  for (const auto& [name, line] : scripts) {
    const std::string before = unwrapped(line);
    if (before != line && wrapped(before, scripts) == line) {
      edit.removed.push_back({name, line, before});
      without_us.emplace_back(name, before);
    }
  }
  edit.text = without_us.empty() ? std::string(text) : json::set_texts(text, k_section, without_us);
  edit.text = json::remove_members(edit.text, k_section, gone);
  return edit;
}

} // namespace savepoint::npm
