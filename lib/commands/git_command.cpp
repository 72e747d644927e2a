#include "commands/git_command.hpp"

#include "commands/internal/base_name.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace savepoint::commands {
namespace {

using std::string_view;

/// Options of git itself whose value is the next word.
constexpr std::array<string_view, 7> k_with_value{
    "-C", "-c", "--git-dir", "--work-tree", "--namespace", "--config-env", "--attr-source"};

/// The words of one git command behind its name.
class Arguments {
public:
  explicit Arguments(std::vector<std::string> words) {
    bool is_option = true;
    begins_with_option_ = !words.empty() && words.front().starts_with('-');
    for (std::string& word : words) {
      if (is_option && word == "--") {
        is_option = false;
        has_dashes_ = true;
      } else if (is_option && word.size() > 1 && word.front() == '-') {
        options_.push_back(std::move(word));
      } else {
        (is_option ? positional_ : paths_).push_back(std::move(word));
      }
    }
  }

  /// One of these options, as it was written; short ones also where they stand together: -fd.
  [[nodiscard]] std::optional<std::string> any(std::initializer_list<string_view> names) const {
    for (const std::string& option : options_) {
      for (const string_view name : names) {
        const bool is_short = name.size() == 2;
        const bool is_cluster =
            is_short && !option.starts_with("--") && option.find(name[1], 1) != std::string::npos;
        // As git does, an unambiguous beginning of a long one is that option.
        const bool is_long =
            !is_short && option.size() > 3 &&
            (name.starts_with(option) || (option.starts_with(name) && option[name.size()] == '='));
        if (is_cluster || is_long) {
          return std::string(name);
        }
      }
    }
    return std::nullopt;
  }
  [[nodiscard]] bool has(std::initializer_list<string_view> names) const {
    return any(names).has_value();
  }
  [[nodiscard]] bool has_dashes() const { return has_dashes_; }
  /// Without options, before `--`.
  [[nodiscard]] const std::vector<std::string>& positional() const { return positional_; }
  [[nodiscard]] string_view first() const {
    return positional_.empty() ? string_view() : string_view(positional_.front());
  }
  /// The first word, if it is neither an option nor what one of them may be given.
  [[nodiscard]] string_view subcommand() const {
    return begins_with_option_ ? string_view() : first();
  }
  [[nodiscard]] const std::vector<std::string>& options() const { return options_; }

private:
  std::vector<std::string> options_;
  std::vector<std::string> positional_;
  std::vector<std::string> paths_;
  bool has_dashes_ = false;
  bool begins_with_option_ = false;
};

using Label = std::optional<std::string>;

/// "NAME OPTION" if one of the options is there.
Label with_option(const std::string& name, const Arguments& arguments,
                  std::initializer_list<string_view> options) {
  const std::optional<std::string> found = arguments.any(options);
  return found ? Label(name + " " + *found) : std::nullopt;
}

/// What no branch can be called, and paths can be meant by: '*.c', ':/', ':(top)x'.
bool is_pattern(string_view word) {
  return word.starts_with(':') || word.find_first_of("*?[") != string_view::npos;
}

Label checkout(const Arguments& arguments, const Exists& exists) {
  if (Label forced = with_option("checkout", arguments,
                                 {"-f", "--force", "-m", "--merge", "-p", "--patch", "--ours",
                                  "--theirs", "--pathspec-from-file"})) {
    return forced;
  }
  if (arguments.has_dashes()) {
    return "checkout --";
  }
  if (arguments.has({"-b", "-B", "--orphan", "--detach", "-d", "--track", "-t"})) {
    return std::nullopt;
  }
  const std::vector<std::string>& names = arguments.positional();
  const bool has_paths = names.size() > 1 || (names.size() == 1 &&
                                              (is_pattern(names.front()) || exists(names.front())));
  return has_paths ? Label("checkout --") : std::nullopt;
}

/// Behind -e the rest of a word, or the next one, is what is to be spared.
bool only_shows(const Arguments& clean) {
  return std::ranges::any_of(clean.options(), [](const std::string& option) {
    if (option.starts_with("--")) {
      return option.size() > 3 && string_view("--dry-run").starts_with(option);
    }
    return option.substr(0, option.find('e', 1)).find('n', 1) != std::string::npos;
  });
}

Label stash(const Arguments& arguments) {
  const string_view what = arguments.subcommand();
  for (const string_view harmless : {"list", "show", "create", "store"}) {
    if (what == harmless) {
      return std::nullopt;
    }
  }
  for (const string_view known : {"push", "save", "pop", "apply", "drop", "clear", "branch"}) {
    if (what == known) {
      return "stash " + std::string(known);
    }
  }
  return "stash";
}

/// Commands that go through several commits: begun on a clean work tree, or refused.
Label sequence(const std::string& name, const Arguments& arguments) {
  return with_option(name, arguments, {"--abort", "--skip", "--quit"});
}

Label judge(const std::string& name, const Arguments& arguments, const Exists& exists) {
  if (name == "reset") {
    return with_option(name, arguments, {"--hard", "--merge", "--keep"});
  }
  if (name == "checkout") {
    return checkout(arguments, exists);
  }
  if (name == "switch") {
    return with_option(name, arguments, {"--discard-changes", "-f", "--force", "-m", "--merge"});
  }
  if (name == "clean") {
    return only_shows(arguments) ? std::nullopt : Label(name);
  }
  if (name == "stash") {
    return stash(arguments);
  }
  if (name == "rebase") {
    return arguments.has({"--edit-todo", "--show-current-patch"}) ? std::nullopt : Label(name);
  }
  if (name == "restore" || name == "merge" || name == "pull") {
    return name;
  }
  if (name == "cherry-pick" || name == "revert" || name == "am") {
    return sequence(name, arguments);
  }
  if (name == "rm" || name == "mv") {
    return with_option(name, arguments, {"-f", "--force"});
  }
  if (name == "checkout-index") {
    return with_option(name, arguments, {"-f", "--force"});
  }
  if (name == "read-tree") {
    return with_option(name, arguments, {"--reset", "-u"});
  }
  if (name == "branch") {
    return with_option(name, arguments, {"-D", "-d", "--delete", "-M", "-C", "-f", "--force"});
  }
  if (name == "worktree" || name == "submodule") {
    const bool takes_away = arguments.first() == "remove" || arguments.first() == "deinit" ||
                            arguments.has({"-f", "--force"});
    return takes_away ? Label(name + " " + std::string(arguments.first())) : std::nullopt;
  }
  if (name == "update-ref") {
    return with_option(name, arguments, {"-d"});
  }
  if (name == "apply" || name == "filter-branch" || name == "filter-repo") {
    return name;
  }
  return std::nullopt;
}

/// A line without git itself and its options.
struct Command {
  std::string name;
  Arguments arguments;
};

std::optional<Command> command_of(const std::vector<std::string>& words) {
  if (words.empty()) {
    return std::nullopt;
  }
  // As in libexec: git-reset --hard.
  if (const std::string program = base_name(words.front()); program.starts_with("git-")) {
    return Command{program.substr(4), Arguments({words.begin() + 1, words.end()})};
  }
  std::size_t at = 1;
  for (; at < words.size() && words[at].starts_with('-'); ++at) {
    if (std::ranges::find(k_with_value, words[at]) != k_with_value.end()) {
      ++at;
    }
  }
  if (at >= words.size()) {
    return std::nullopt;
  }
  const auto behind = words.begin() + static_cast<std::ptrdiff_t>(at);
  return Command{*behind, Arguments({behind + 1, words.end()})};
}

} // namespace

std::optional<std::string> destructive_git_command(const std::vector<std::string>& words,
                                                   const Exists& exists) {
  const std::optional<Command> command = command_of(words);
  return command ? judge(command->name, command->arguments, exists) : std::nullopt;
}

std::filesystem::path removed_work_tree(const std::vector<std::string>& words) {
  const std::optional<Command> command = command_of(words);
  const bool removes = command && command->name == "worktree" &&
                       command->arguments.first() == "remove" &&
                       command->arguments.positional().size() > 1;
  return removes ? command->arguments.positional()[1] : std::string();
}

bool adds_work_tree(const std::vector<std::string>& words) {
  const std::optional<Command> command = command_of(words);
  return command && command->name == "worktree" && command->arguments.first() == "add";
}

std::filesystem::path directory_of_git(const std::vector<std::string>& words) {
  std::filesystem::path directory;
  for (std::size_t at = 1; at + 1 < words.size() && words[at].starts_with('-'); ++at) {
    const bool has_value = std::ranges::find(k_with_value, words[at]) != k_with_value.end();
    if (words[at] == "-C") {
      directory /= words[at + 1];
    }
    at += has_value ? 1 : 0;
  }
  return directory;
}

} // namespace savepoint::commands
