#include "project/candidates.hpp"

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/printable.hpp"
#include "cli/executables.hpp"
#include "cli/place.hpp"
#include "cli/text.hpp"
#include "process/run.hpp"
#include "project/select.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace savepoint::tools {
namespace {

constexpr std::chrono::seconds k_patience{5};
constexpr std::size_t k_most_snapshots = 100;

std::vector<std::string> split(std::string_view text, char between) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(between, at), text.size());
    parts.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

struct Option {
  std::vector<std::string> names;
  std::string value; ///< Empty: it takes none.
  std::string help;
};

/// What `--help=words` says of a command.
struct Page {
  std::vector<Candidate> commands;
  std::vector<Candidate> arguments;
  std::vector<Option> options;

  [[nodiscard]] const Option* find(const std::string& name) const {
    const auto found = std::ranges::find_if(
        options, [&](const Option& one) { return std::ranges::count(one.names, name) > 0; });
    return found == options.end() ? nullptr : &*found;
  }
};

Page page_of(const cli::Session& session, std::vector<std::string> command) {
  Page page;
  const std::optional<std::string> front = cli::find_executable("savepoint", session.environment);
  if (!front) {
    return page;
  }
  command.emplace_back("--help=words");
  const process::Result said = process::run({.program = *front,
                                             .arguments = std::move(command),
                                             .environment = session.environment,
                                             .directory = {},
                                             .input = {},
                                             .timeout = k_patience});
  if (said.exit_code != 0) {
    return page;
  }
  for (const std::string& line : split(as_text(said.output), '\n')) {
    const std::vector<std::string> parts = split(line, '\t');
    if (parts.size() != 4) {
      continue;
    }
    if (parts[0] == "command") {
      page.commands.push_back({parts[1], parts[3]});
    } else if (parts[0] == "argument") {
      page.arguments.push_back({parts[1], parts[3]});
    } else {
      page.options.push_back({split(parts[1], ','), parts[2], parts[3]});
    }
  }
  return page;
}

/// Where a command line is, read up to its last word.
struct Position {
  Page page;
  const Option* option = nullptr; ///< That waits for its value.
  std::size_t arguments = 0;      ///< Without a name, so far.
  bool behind_dashes = false;
};

/// The project that is meant is the one that the command line names.
void take_place(cli::Session& session, const std::string& option, const std::string& value) {
  if (option == "-C" && !value.empty()) {
    session.common.directory = value;
  } else if (option == "--store" && !value.empty()) {
    session.common.store = value;
  }
}

/// Goes on by one word.
void step(cli::Session& session, Position& position, std::vector<std::string>& command,
          const std::string& word) {
  if (position.behind_dashes) {
    return;
  }
  if (position.option != nullptr) {
    take_place(session, position.option->names.back(), word);
    position.option = nullptr;
  } else if (word == "--") {
    position.behind_dashes = true;
  } else if (word.starts_with('-') && word != "-") {
    const std::size_t equals = word.find('=');
    const Option* const option = position.page.find(word.substr(0, equals));
    if (option == nullptr || option->value.empty()) {
      return;
    }
    if (equals == std::string::npos) {
      position.option = option;
    } else {
      take_place(session, option->names.back(), word.substr(equals + 1));
    }
  } else if (!position.page.commands.empty()) {
    command.push_back(word);
    position.page = page_of(session, command);
  } else {
    ++position.arguments;
  }
}

/// Candidates for one word, each only if it begins as the word does.
class Collected {
public:
  explicit Collected(std::string typed) : typed_(std::move(typed)) {}

  void add(const std::string& word, std::string help = {}) {
    const std::string whole = before_ + word;
    const bool is_shown = printable(whole) == whole && whole.find(' ') == std::string::npos;
    if (whole.starts_with(typed_) && is_shown && seen_.insert(whole).second) {
      found_.push_back({whole, std::move(help)});
    }
  }
  void add_all(std::initializer_list<const char*> words) {
    for (const char* const word : words) {
      add(word);
    }
  }
  /// Has the shell complete names of files.
  void leave_to_shell(const char* what) { found_.push_back({what, {}}); }
  /// What stands before the part of the word that is completed: "--tag=", "code,".
  void set_before(std::string before) { before_ = std::move(before); }
  [[nodiscard]] const std::string& typed() const { return typed_; }
  [[nodiscard]] std::vector<Candidate> take() { return std::move(found_); }

private:
  std::string typed_;
  std::string before_;
  std::set<std::string> seen_;
  std::vector<Candidate> found_;
};

/// Nobody waits at a prompt until `prune` is done: throws BusyError at once.
void require_free_store(cli::Session& session) {
  const std::optional<std::filesystem::path> named = session.context().store;
  const std::filesystem::path path = named ? *named : cli::open_project(session).store_path();
  if (store::Store::exists(path)) {
    static_cast<void>(store::Store::open(path, store::Access::shared, std::chrono::seconds(0)));
  }
}

std::vector<manifest::Summary> snapshots_of(cli::Session& session) {
  require_free_store(session);
  std::optional<cli::Place> place =
      cli::open_place_if_any(session, store::Access::shared, cli::IfInterrupted::leave);
  return place ? std::move(place->snapshots) : std::vector<manifest::Summary>();
}

std::string description(const cli::Session& session, const manifest::Summary& summary) {
  return cli::age(summary.created_at, session.now()) + ", " + printable(summary.trigger) +
         (summary.marks.note.empty()
              ? ""
              : ": " + printable(summary.marks.note.substr(0, summary.marks.note.find('\n'))));
}

void add_snapshots(cli::Session& session, Collected& collected) {
  const std::vector<manifest::Summary> snapshots = snapshots_of(session);
  const auto last = std::ranges::find_if_not(snapshots, project::is_set_aside);
  if (last != snapshots.end()) {
    collected.add("latest", description(session, *last));
  }
  for (const manifest::Summary& one : snapshots) {
    for (const std::string& tag : one.marks.tags) {
      collected.add(tag, description(session, one));
    }
  }
  for (std::size_t i = 0; i < std::min(snapshots.size(), k_most_snapshots); ++i) {
    collected.add(snapshots[i].id.text(), description(session, snapshots[i]));
  }
}

std::set<std::string> databases_of(const std::vector<manifest::Summary>& snapshots) {
  std::set<std::string> names;
  for (const manifest::Summary& one : snapshots) {
    for (const manifest::ComponentSummary& component : one.components) {
      if (component.kind == "database") {
        names.insert(component.name);
      }
    }
  }
  return names;
}

/// Parts stand behind each other, with commas between them.
void add_parts(cli::Session& session, Collected& collected, std::string before) {
  const std::string& typed = collected.typed();
  const std::size_t comma = typed.rfind(',');
  if (comma != std::string::npos && comma >= before.size()) {
    before = typed.substr(0, comma + 1);
  }
  collected.set_before(std::move(before));
  collected.add_all({"code", "config", "database"});
  for (const std::string& name : databases_of(snapshots_of(session))) {
    collected.add("database:" + name);
  }
}

/// The values of an option, or of an argument, that is called so.
void add_values(cli::Session& session, Collected& collected, const std::string& name,
                const std::string& value, const std::string& before) {
  collected.set_before(before);
  const auto is = [&](std::initializer_list<std::string_view> names) {
    return std::ranges::count(names, name) > 0;
  };
  if (value == "DIR") {
    collected.leave_to_shell(k_directories);
  } else if (is({"SNAPSHOT", "SNAPSHOT...", "A", "B", "--snapshot"})) {
    add_snapshots(session, collected);
  } else if (is({"--branch", "--at", "--commit"})) {
    for (const manifest::Summary& one : snapshots_of(session)) {
      collected.add(one.branch.value_or(""));
    }
  } else if (is({"--tag", "--keep-tag", "T"})) {
    for (const manifest::Summary& one : snapshots_of(session)) {
      for (const std::string& tag : one.marks.tags) {
        collected.add(tag);
      }
    }
  } else if (is({"--trigger"})) {
    for (const manifest::Summary& one : snapshots_of(session)) {
      collected.add(one.trigger);
    }
  } else if (is({"--only"})) {
    add_parts(session, collected, before);
  } else if (is({"--database"})) {
    for (const std::string& database : databases_of(snapshots_of(session))) {
      collected.add(database + "=");
    }
  } else if (is({"SHELL"})) {
    collected.add_all({"bash", "zsh", "fish"});
  } else if (is({"PATH", "-- PATH...", "-- COMMAND...", "--last"})) {
    collected.leave_to_shell(k_files);
  }
}

void add_options(Collected& collected, const Page& page) {
  for (const Option& option : page.options) {
    collected.add(option.names.back(), option.help);
  }
  for (const Option& option : page.options) {
    collected.add(option.names.front(), option.help);
  }
}

const Candidate* argument_at(const Position& position) {
  const std::vector<Candidate>& arguments = position.page.arguments;
  const auto behind = std::ranges::find_if(
      arguments, [](const Candidate& one) { return one.word.starts_with("-- "); });
  if (position.behind_dashes) {
    return behind == arguments.end() ? nullptr : &*behind;
  }
  const auto named = static_cast<std::size_t>(behind - arguments.begin());
  if (named > 0 && arguments[named - 1].word.ends_with("...")) {
    return &arguments[std::min(position.arguments, named - 1)];
  }
  return position.arguments < named ? &arguments[position.arguments] : nullptr;
}

} // namespace

std::vector<Candidate> candidates_for(cli::Session& session,
                                      const std::vector<std::string>& words) {
  Position position{.page = page_of(session, {})};
  std::vector<std::string> command;
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    step(session, position, command, words[i]);
  }
  Collected collected(words.empty() ? std::string() : words.back());
  const std::string& typed = collected.typed();
  const std::size_t equals = typed.find('=');
  if (position.option != nullptr) {
    add_values(session, collected, position.option->names.back(), position.option->value, {});
  } else if (!position.behind_dashes && typed.starts_with("--") && equals != std::string::npos) {
    if (const Option* const option = position.page.find(typed.substr(0, equals))) {
      add_values(session, collected, option->names.back(), option->value,
                 typed.substr(0, equals + 1));
    }
  } else if (!position.behind_dashes && typed.starts_with('-')) {
    add_options(collected, position.page);
  } else if (!position.behind_dashes && !position.page.commands.empty()) {
    for (const Candidate& one : position.page.commands) {
      collected.add(one.word, one.help);
    }
  } else if (const Candidate* const argument = argument_at(position)) {
    add_values(session, collected, argument->word, {}, {});
  }
  return collected.take();
}

} // namespace savepoint::tools
