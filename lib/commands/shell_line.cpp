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

class Splitter {
public:
  explicit Splitter(string_view line) : line_(line) {}

  std::vector<ShellCommand> split() {
    while (at_ < line_.size()) {
      take(line_[at_]);
    }
    end_command();
    return std::move(commands_);
  }

private:
  void take(char letter) {
    switch (letter) {
    case '\\':
      take_escaped();
      break;
    case '\'':
      take_quoted();
      break;
    case '"':
      begin_word();
      in_double_quotes_ = !in_double_quotes_;
      ++at_;
      break;
    case '`':
      in_backticks_ = !in_backticks_;
      in_backticks_ ? enter() : leave();
      ++at_;
      break;
    case '$':
      if (line_.substr(at_).starts_with("$(")) {
        enter();
        at_ += 2;
        break;
      }
      add(letter);
      break;
    default:
      in_double_quotes_ ? add(letter) : take_plain(letter);
    }
  }

  void take_plain(char letter) {
    switch (letter) {
    case ' ':
    case '\t':
      end_word();
      ++at_;
      break;
    case '#':
      if (is_word_) {
        add(letter);
      } else {
        at_ = std::min(line_.find('\n', at_), line_.size());
      }
      break;
    case '>':
      take_redirection();
      break;
    case '<':
      take_here_document();
      break;
    case '&':
      if (line_.substr(at_).starts_with("&>")) {
        ++at_;
        take_redirection();
        break;
      }
      [[fallthrough]];
    case ';':
    case '|':
      end_command();
      ++at_;
      break;
    case '\n':
      end_command();
      ++at_;
      pass_here_documents();
      break;
    case '(':
      enter();
      ++at_;
      break;
    case ')':
      leave();
      ++at_;
      break;
    default:
      add(letter);
    }
  }

  /// What stands in parentheses is quoted by itself.
  void enter() {
    end_command();
    outside_.push_back(in_double_quotes_);
    in_double_quotes_ = false;
  }
  void leave() {
    end_command();
    in_double_quotes_ = !outside_.empty() && outside_.back();
    if (!outside_.empty()) {
      outside_.pop_back();
    }
  }

  void begin_word() {
    word_begin_ = is_word_ ? word_begin_ : at_;
    is_word_ = true;
  }

  void add(char letter) {
    begin_word();
    word_ += letter;
    ++at_;
  }

  void take_escaped() {
    const bool is_of_word = at_ + 1 < line_.size() && line_[at_ + 1] != '\n';
    if (is_of_word) {
      begin_word();
      ++at_;
      add(line_[at_]);
    } else {
      at_ = std::min(at_ + 2, line_.size());
    }
  }

  void take_quoted() {
    if (in_double_quotes_) {
      add('\'');
      return;
    }
    begin_word();
    const std::size_t end = std::min(line_.find('\'', at_ + 1), line_.size());
    word_ += line_.substr(at_ + 1, end - at_ - 1);
    at_ = std::min(end + 1, line_.size());
  }

  void take_redirection() {
    // The number of a descriptor in front of it is no word.
    if (std::ranges::all_of(word_, [](char letter) { return letter >= '0' && letter <= '9'; })) {
      word_.clear();
      is_word_ = false;
    }
    end_word();
    ++at_;
    const string_view rest = line_.substr(at_);
    if (rest.starts_with('>') || rest.starts_with('&')) {
      at_ += 1; // appended, or another descriptor
      names_target_ = Target::kept;
      return;
    }
    at_ += rest.starts_with('|') ? std::size_t{1} : 0;
    names_target_ = Target::overwritten;
  }

  /// `<<WORD`: the text begins on the next line, and is no command.
  void take_here_document() {
    const string_view rest = line_.substr(at_);
    if (!rest.starts_with("<<") || rest.starts_with("<<<")) {
      for (std::size_t i = std::min(rest.find_first_not_of('<'), rest.size()); i > 0; --i) {
        add('<');
      }
      return;
    }
    end_word();
    at_ += 2;
    const bool may_be_indented = at_ < line_.size() && line_[at_] == '-';
    at_ = std::min(line_.find_first_not_of(" \t", at_ + (may_be_indented ? 1 : 0)), line_.size());
    std::string end;
    for (; at_ < line_.size() && string_view(" \t\n;|&()<>").find(line_[at_]) == string_view::npos;
         ++at_) {
      if (string_view("'\"\\").find(line_[at_]) == string_view::npos) {
        end += line_[at_];
      }
    }
    here_documents_.push_back({std::move(end), may_be_indented});
  }

  void pass_here_documents() {
    for (const HereDocument& document : std::exchange(here_documents_, {})) {
      for (std::size_t at = at_; at < line_.size();) {
        const std::size_t line_ends = std::min(line_.find('\n', at), line_.size());
        string_view line = line_.substr(at, line_ends - at);
        if (document.may_be_indented) {
          line.remove_prefix(std::min(line.find_first_not_of('\t'), line.size()));
        }
        at = std::min(line_ends + 1, line_.size());
        if (line == document.end) { // else it was none: 1 << 2
          at_ = at;
          break;
        }
      }
    }
  }

  void end_word() {
    if (is_word_ && names_target_ == Target::overwritten) {
      command_.overwritten.push_back(std::move(word_));
    } else if (is_word_ && names_target_ == Target::none) {
      command_.words.push_back(std::move(word_));
      command_.begins.push_back(word_begin_);
    }
    names_target_ = is_word_ ? Target::none : names_target_;
    word_.clear();
    is_word_ = false;
  }

  void end_command() {
    end_word();
    names_target_ = Target::none;
    command_.is_nested = !outside_.empty();
    if (!command_.words.empty() || !command_.overwritten.empty()) {
      commands_.push_back(std::move(command_));
    }
    command_ = {};
  }

  enum class Target { none, overwritten, kept };
  struct HereDocument {
    std::string end;
    bool may_be_indented;
  };

  string_view line_;
  std::size_t at_ = 0;
  std::string word_;
  bool is_word_ = false;
  std::size_t word_begin_ = 0;
  bool in_double_quotes_ = false;
  bool in_backticks_ = false;
  std::vector<bool> outside_;          ///< Whether there were double quotes around the parentheses.
  Target names_target_ = Target::none; ///< What the next word is, if not one of the command.
  std::vector<HereDocument> here_documents_;
  ShellCommand command_;
  std::vector<ShellCommand> commands_;
};

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
      return !is_known || exists((directory / path).string());
    };
  }
  void follow(const std::vector<std::string>& cd) {
    const bool is_plain = cd.size() == 2 && !cd[1].empty() && cd[1].front() != '-' &&
                          cd[1].front() != '~' && cd[1].find('$') == std::string::npos;
    is_known = is_known && is_plain;
    directory = is_plain ? directory / cd[1] : directory;
  }
};

bool has_word(const std::vector<std::string>& words, std::initializer_list<string_view> wanted) {
  return std::any_of(words.begin() + 1, words.end(),
                     [&](const std::string& word) { return is_one_of(word, wanted); });
}

bool has_beginning(const std::vector<std::string>& words, string_view beginning) {
  return std::any_of(words.begin() + 1, words.end(),
                     [&](const std::string& word) { return word.starts_with(beginning); });
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

using Found = std::optional<Destructive>;

Found destructive_words(const std::vector<std::string>& words, const Where& where,
                        const Exists& exists, int depth);

Found destructive_line(string_view line, const Where& begin, const Exists& exists, int depth) {
  if (depth > k_deepest) {
    return Destructive{"sh", begin.directory};
  }
  Where outside = begin;
  Where inside = begin; // of parentheses, which a `cd` does not leave
  for (const ShellCommand& command : split_shell_line(line)) {
    Where& where = command.is_nested ? inside : outside;
    const std::vector<std::string> words = without_leaders(command.words);
    if (!words.empty() && (words.front() == "cd" || words.front() == "pushd")) {
      where.follow(words);
    } else if (!words.empty()) {
      if (auto found = destructive_words(words, where, exists, depth)) {
        return found;
      }
    }
    if (std::ranges::any_of(command.overwritten, [&](const std::string& file) {
          return !file.starts_with("/dev/") && where.seen_by(exists)(file);
        })) {
      return Destructive{words.empty() ? ">" : base_name(words.front()) + " >", where.directory};
    }
    if (!command.is_nested) {
      inside = outside;
    }
  }
  return std::nullopt;
}

Found destructive_git(const std::vector<std::string>& words, const Where& where,
                      const Exists& exists) {
  const Where there = where.below(directory_of_git(words));
  const auto label = destructive_git_command(words, there.seen_by(exists));
  return label ? Found(Destructive{*label, there.directory}) : std::nullopt;
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
    return has_beginning(words, "-i") || has_beginning(words, "--in-place") ||
                   has_beginning(words, "-pi")
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

Found destructive_words(const std::vector<std::string>& words, const Where& where,
                        const Exists& exists, int depth) {
  const std::string program = base_name(words.front());
  if (program == "git") {
    return destructive_git(words, where, exists);
  }
  if (is_one_of(program, {"sh", "bash", "zsh", "dash", "ksh", "eval"})) {
    for (std::size_t i = 1; i < words.size(); ++i) {
      const bool is_line =
          program == "eval" || (words[i - 1].starts_with('-') && words[i - 1].ends_with('c'));
      if (is_line) {
        if (auto found = destructive_line(words[i], where, exists, depth + 1)) {
          return found;
        }
      }
    }
    return std::nullopt;
  }
  const auto label = label_of_words(words);
  return label ? Found(Destructive{*label, where.directory}) : std::nullopt;
}

} // namespace

std::vector<ShellCommand> split_shell_line(string_view line) {
  return Splitter(line).split();
}

std::optional<Destructive> destructive_shell_line(string_view line, const Exists& exists) {
  return destructive_line(line, {}, exists, 0);
}

} // namespace savepoint::commands
