#include "commands/shell_line.hpp"

#include "commands/internal/base_name.hpp"
#include "commands/label.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

namespace savepoint::commands {
namespace {

namespace filesystem = std::filesystem;
using std::string_view;

/// `sh -c` inside `sh -c` deeper than that is nobody's command line.
constexpr int k_deepest = 8;

bool is_one_of(string_view word, std::initializer_list<string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

/// What stands before a command and is none itself.
bool leads_to_command(const std::string& word) {
  const std::size_t equals = word.find('=');
  const bool is_assignment = equals != std::string::npos && equals > 0 &&
                             std::ranges::all_of(word.substr(0, equals), [](char letter) {
                               return letter == '_' || (letter >= 'A' && letter <= 'Z') ||
                                      (letter >= 'a' && letter <= 'z') ||
                                      (letter >= '0' && letter <= '9');
                             });
  return is_assignment ||
         is_one_of(base_name(word),
                   {"sudo", "doas", "env",     "time",   "nohup",   "nice",  "ionice", "xargs",
                    "exec", "if",   "then",    "elif",   "else",    "while", "until",  "do",
                    "{",    "!",    "command", "setsid", "timeout", "stdbuf"});
}

/// Their options whose value is the next word, with a blank around each.
struct LeaderOptions {
  string_view program;
  string_view with_value;
};
constexpr std::array<LeaderOptions, 10> k_leader_options{{
    {"sudo", " -u -g -h -p -C -D -R -T -U -r -t --user --group "},
    {"doas", " -u -C "},
    {"env", " -u -C --unset --chdir "},
    {"nice", " -n --adjustment "},
    {"ionice", " -c -n "},
    {"xargs", " -a -d -E -I -L -n -P -s --max-args --max-procs "},
    {"time", " -f -o "},
    {"exec", " -a "},
    {"timeout", " -k -s --kill-after --signal "},
    {"stdbuf", " -i -o -e "},
}};

bool takes_value(string_view program, const std::string& option) {
  const auto* const found = std::ranges::find(k_leader_options, program, &LeaderOptions::program);
  return found != k_leader_options.end() &&
         found->with_value.find(" " + option + " ") != string_view::npos;
}

/// The words from the program on; options of what leads to it are passed over.
std::vector<std::string> without_leaders(const std::vector<std::string>& words) {
  std::size_t at = 0;
  while (at < words.size() && leads_to_command(words[at])) {
    const std::string leader = base_name(words[at++]);
    while (at < words.size() && words[at].starts_with('-')) {
      at += std::size_t{takes_value(leader, words[at]) ? 2U : 1U};
    }
    at += std::size_t{leader == "timeout" ? 1U : 0U}; // how long
  }
  return {words.begin() + static_cast<std::ptrdiff_t>(std::min(at, words.size())), words.end()};
}

/// Whether the shell still makes something else of a word. What git means by HEAD~1 or @{-1} is
/// none of the shell's.
bool is_expanded(string_view word) {
  const std::size_t brace = word.find('{');
  const string_view inside = word.substr(std::min(brace, word.size()));
  return word.starts_with('~') || word.find_first_of("$`*?[") != string_view::npos ||
         inside.find(',') != string_view::npos || inside.find("..") != string_view::npos;
}

/// Where a command of the line is run.
struct Where {
  filesystem::path directory;
  bool is_known = true;

  [[nodiscard]] Where below(const filesystem::path& path) const {
    return {.directory = path.empty() ? directory : directory / path, .is_known = is_known};
  }
  /// What cannot be told is taken for something that is there.
  [[nodiscard]] Exists seen_by(const Exists& exists) const {
    return [this, &exists](const std::string& path) {
      return !is_known || is_expanded(path) || exists((directory / path).string());
    };
  }
  void follow(const std::vector<std::string>& cd) {
    const bool is_plain =
        cd.size() == 2 && !cd[1].empty() && cd[1].front() != '-' && !is_expanded(cd[1]);
    is_known = is_known && is_plain;
    directory = is_plain ? directory / cd[1] : directory;
  }
};

bool has_word(const std::vector<std::string>& words, std::initializer_list<string_view> wanted) {
  return std::any_of(words.begin() + 1, words.end(),
                     [&](const std::string& word) { return is_one_of(word, wanted); });
}

/// Whether an option of sed or perl is -i, also behind others (-pi), or begins --in-place.
bool edits_in_place(const std::string& option) {
  if (option.starts_with("--")) {
    return option.starts_with("--i");
  }
  // Behind one of these letters the rest is a script, a file or a module.
  return option.starts_with('-') && option.find('i') < option.find_first_of("efmM");
}

/// Scripts whose names say that they make something anew.
std::optional<std::string> telling_script(const std::string& program,
                                          const std::vector<std::string>& words) {
  for (std::size_t i = 1; i < words.size(); ++i) {
    for (const string_view part : {"reset", "migrate", "drop", "seed", "clean", "fresh", "wipe"}) {
      if (words[i].find(part) != std::string::npos && !words[i].starts_with('-')) {
        return program + " " + std::string(part);
      }
    }
  }
  return std::nullopt;
}

std::optional<std::string> label_of_words(const std::vector<std::string>& words) {
  const std::string program = base_name(words.front());
  if (is_one_of(program, {"rm", "unlink", "rmdir", "shred", "truncate", "dd", "mv", "cp", "install",
                          "rsync", "patch", "dropdb", "psql", "mysql", "mariadb", "sqlite3",
                          "mongosh", "redis-cli", "pg_restore"})) {
    return program;
  }
  if (program == "tee") {
    return has_word(words, {"-a", "--append"}) ? std::nullopt : std::optional(program);
  }
  if (is_one_of(program, {"sed", "perl"})) {
    return std::any_of(words.begin() + 1, words.end(), edits_in_place)
               ? std::optional(program + " -i")
               : std::nullopt;
  }
  if (program == "find") {
    return has_word(words, {"-delete", "-exec", "-execdir", "-ok", "-okdir"})
               ? std::optional(program)
               : std::nullopt;
  }
  if (is_one_of(program, {"docker", "podman", "docker-compose"})) {
    const bool loses_volumes =
        (has_word(words, {"down"}) && has_word(words, {"-v", "--volumes"})) ||
        has_word(words, {"prune"}) || (has_word(words, {"volume"}) && has_word(words, {"rm"}));
    return loses_volumes ? std::optional(program + " volumes") : std::nullopt;
  }
  if (const Label label = label_of(words); label.is_migration) {
    return label.text;
  }
  if (is_one_of(program, {"npm", "pnpm", "yarn", "bun", "make", "just", "task", "rake", "composer",
                          "ninja", "mix"})) {
    return telling_script(program, words);
  }
  return std::nullopt;
}

/// Goes through a line, and what it has others run.
class Search {
public:
  Search(const Exists& exists, const filesystem::path& home) : exists_(&exists), home_(&home) {}

  void line(string_view line, const Where& begin, int depth) {
    if (depth > k_deepest) {
      add("sh", begin.directory);
      return;
    }
    Where outside = begin;
    Where inside = begin; // of parentheses, which a `cd` does not leave
    for (ShellCommand& command : split_shell_line(line)) {
      Where& where = command.is_nested ? inside : outside;
      std::ranges::for_each(command.words, [this](std::string& word) { expand(word); });
      std::ranges::for_each(command.overwritten, [this](std::string& file) { expand(file); });
      const std::vector<std::string> words = without_leaders(command.words);
      if (!words.empty() && (words.front() == "cd" || words.front() == "pushd")) {
        where.follow(words);
      } else if (!words.empty()) {
        run(words, where, depth);
      }
      for (const std::string& file : command.overwritten) {
        overwrite(file, words.empty() ? ">" : base_name(words.front()) + " >", where);
      }
      if (!command.is_nested) {
        inside = outside;
      }
    }
  }

  [[nodiscard]] std::vector<Destructive> take_found() { return std::move(found_); }

private:
  void run(const std::vector<std::string>& words, const Where& where, int depth) {
    const std::string program = base_name(words.front());
    if (program == "git") {
      git(words, where);
    } else if (is_one_of(program, {"sh", "bash", "zsh", "dash", "ksh", "eval"})) {
      for (std::size_t i = 1; i < words.size(); ++i) {
        const bool is_line =
            program == "eval" || (words[i - 1].starts_with('-') && words[i - 1].ends_with('c'));
        if (is_line) {
          line(words[i], where, depth + 1);
        }
      }
    } else if (const auto label = label_of_words(words)) {
      add(*label, where.directory);
    }
  }

  void git(const std::vector<std::string>& words, const Where& where) {
    const Where there = where.below(directory_of_git(words));
    if (const auto label = destructive_git_command(words, there.seen_by(*exists_))) {
      add(*label, there.below(removed_work_tree(words)).directory);
    }
  }

  void overwrite(const filesystem::path& file, const std::string& label, const Where& where) {
    if (!file.string().starts_with("/dev/") && where.seen_by(*exists_)(file.string())) {
      add(label, file.is_absolute() ? file.parent_path() : where.directory);
    }
  }

  void add(const std::string& label, const filesystem::path& directory) {
    if (std::ranges::find(found_, directory, &Destructive::directory) == found_.end()) {
      found_.push_back({label, directory});
    }
  }

  /// As the shell does it with a word that begins so.
  void expand(std::string& word) const {
    if (!home_->empty() && (word == "~" || word.starts_with("~/"))) {
      word.replace(0, 1, home_->string());
    }
  }

  const Exists* exists_;
  const filesystem::path* home_;
  std::vector<Destructive> found_;
};

} // namespace

std::vector<Destructive> destructive_shell_line(string_view line, const Exists& exists,
                                                const filesystem::path& home) {
  Search search(exists, home);
  search.line(line, {}, 0);
  return search.take_found();
}

} // namespace savepoint::commands
