#include "git/internal/git_backend.hpp"

#include "base/error.hpp"
#include "base/hex.hpp"
#include "base/printable.hpp"
#include "fs/files.hpp"
#include "fs/tree_writer.hpp"
#include "git/internal/ask_git.hpp"
#include "git/internal/lineage.hpp"
#include "git/internal/nearest_first.hpp"

#include <algorithm>
#include <charconv>
#include <unordered_map>
#include <utility>

namespace savepoint::git {
namespace {

using std::string_view;

/// Splits at `separator`; what follows the last one is an item unless it is empty.
std::vector<string_view> split(string_view text, char separator) {
  std::vector<string_view> items;
  while (!text.empty()) {
    const std::size_t length = std::min(text.find(separator), text.size());
    items.push_back(text.substr(0, length));
    text.remove_prefix(std::min(length + 1, text.size()));
  }
  return items;
}

std::vector<std::string> lines_of(const Answer& answer) {
  const std::vector<string_view> lines = split(answer.text(), '\n');
  return {lines.begin(), lines.end()};
}

template <typename Number> Number number_from(string_view digits, int base = 10) {
  Number value = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error != std::errc() || end != digits.data() + digits.size()) {
    throw IoError("git printed " + quoted(digits) + " where a number was expected");
  }
  return value;
}

std::string short_name(string_view reference) {
  for (const string_view prefix : {"refs/heads/", "refs/remotes/", "refs/"}) {
    if (reference.starts_with(prefix)) {
      return std::string(reference.substr(prefix.size()));
    }
  }
  return std::string(reference);
}

std::filesystem::path ask_path(const std::filesystem::path& directory, const char* which) {
  Question question;
  question.directory = directory;
  question.arguments = {"rev-parse", "--path-format=absolute", which};
  return require_git(question).line();
}

using Nodes = std::unordered_map<std::string, CommitNode>;

/// What `rev-list --timestamp --parents` says.
Nodes nodes_of(const Answer& answer) {
  Nodes nodes;
  for (const string_view line : split(answer.text(), '\n')) {
    const std::vector<string_view> words = split(line, ' ');
    if (words.size() >= 2) {
      nodes.emplace(words[1], CommitNode{number_from<std::int64_t>(words[0]),
                                         {words.begin() + 2, words.end()}});
    }
  }
  return nodes;
}

auto look_up_in(Nodes nodes) {
  return [nodes = std::move(nodes)](const std::string& id) {
    const auto found = nodes.find(id);
    return found == nodes.end() ? std::optional<CommitNode>() : found->second;
  };
}

} // namespace

std::unique_ptr<Backend> GitBackend::discover(const std::filesystem::path& directory) {
  Question question;
  question.directory = directory;
  question.arguments = {"rev-parse", "--show-toplevel"};
  const Answer answer = ask_git(question);
  if (answer.exit_code != 0) {
    if (answer.complaint.find("not a git repository") != std::string::npos ||
        answer.complaint.find("must be run in a work tree") != std::string::npos) {
      return nullptr;
    }
    throw IoError("cannot open the git repository of " + quoted(directory.string()) + ": " +
                  answer.complaint);
  }
  return std::make_unique<GitBackend>(Places{answer.line(), ask_path(directory, "--git-dir"),
                                             ask_path(directory, "--git-common-dir")});
}

Answer GitBackend::ask(std::vector<std::string> arguments) const {
  Question question;
  question.directory = places().work_tree;
  question.arguments = std::move(arguments);
  return ask_git(question);
}

Head GitBackend::head() const {
  Head head;
  const Answer branch = ask({"symbolic-ref", "--quiet", "HEAD"});
  if (branch.exit_code == 0) {
    head.branch = short_name(branch.line());
  }
  head.commit = resolve_commit("HEAD");
  return head;
}

std::optional<Upstream> GitBackend::upstream() const {
  const Answer name = ask({"rev-parse", "--symbolic-full-name", "@{upstream}"});
  const Answer counts = ask({"rev-list", "--left-right", "--count", "HEAD...@{upstream}", "--"});
  if (name.exit_code != 0 || counts.exit_code != 0) {
    return std::nullopt;
  }
  const std::string line = counts.line();
  const std::vector<string_view> numbers = split(line, '\t');
  if (numbers.size() != 2) {
    throw IoError("git printed " + quoted(line) + " where two numbers were expected");
  }
  return Upstream{short_name(name.line()), number_from<std::uint64_t>(numbers[0]),
                  number_from<std::uint64_t>(numbers[1])};
}

std::uint64_t GitBackend::stash_count() const {
  const Answer answer = ask({"rev-list", "--walk-reflogs", "refs/stash", "--"});
  return answer.exit_code == 0 ? split(answer.text(), '\n').size() : 0;
}

std::optional<std::string> GitBackend::resolve_commit(const std::string& revision) const {
  std::string object = revision;
  if (revision.find(':') != std::string::npos) {
    // After a colon, all that follows is a text or a path: `^{commit}` has to wait.
    const Answer answer = ask({"rev-parse", "--verify", "--quiet", revision});
    if (answer.exit_code != 0) {
      return std::nullopt;
    }
    object = answer.line();
  }
  const Answer answer = ask({"rev-parse", "--verify", "--quiet", object + "^{commit}"});
  if (answer.exit_code != 0) {
    return std::nullopt;
  }
  return answer.line();
}

std::vector<std::string> GitBackend::commits_between(const std::string& from,
                                                     const std::string& to) const {
  Question question;
  question.directory = places().work_tree;
  question.arguments = {"rev-list", "--date-order", to, "^" + from, "--"};
  return lines_of(require_git(question));
}

Lineage GitBackend::lineage(const std::vector<std::string>& commits, std::size_t limit) const {
  std::string starts;
  for (const std::string& commit : known_objects(commits)) {
    starts += commit + "\n";
  }
  if (starts.empty()) {
    return {};
  }
  Question question;
  question.directory = places().work_tree;
  question.arguments = {"rev-list",    "--timestamp",         "--parents",
                        "--max-count", std::to_string(limit), "--stdin"};
  question.input = to_bytes(starts);
  return find_lineage(commits, limit, look_up_in(nodes_of(require_git(question))));
}

std::vector<std::string> GitBackend::history(const std::string& commit, std::size_t limit) const {
  Question question;
  question.directory = places().work_tree;
  question.arguments = {"rev-list", "--timestamp", "--parents", commit, "--"};
  return nearest_first(commit, limit, look_up_in(nodes_of(require_git(question))));
}

std::optional<std::string> GitBackend::config(const std::string& key) const {
  const Answer answer = ask({"config", "--null", "--get", key});
  const string_view value = answer.text();
  if (answer.exit_code != 0 || !value.ends_with('\0')) {
    return std::nullopt;
  }
  return std::string(value.substr(0, value.size() - 1));
}

void GitBackend::set_config(const std::string& key, const std::string& value) {
  const std::filesystem::path file = places().common_directory / "config";
  const Answer answer = ask({"config", "--local", key, value});
  if (answer.exit_code != 0) {
    const std::string message =
        "cannot set " + key + " in " + quoted(file.string()) + ": " + answer.complaint;
    if (answer.complaint.find("could not lock") != std::string::npos) {
      throw BusyError(message, "try again when no other git command runs");
    }
    throw IoError(message);
  }
  fs::sync_descriptor(fs::open_for_reading(file), file.string());
  fs::sync_directory(places().common_directory);
}

void GitBackend::compare_with_head(StagedComparison& comparison) const {
  const std::optional<std::string> commit = resolve_commit("HEAD");
  if (!commit) {
    return;
  }
  Question question;
  question.directory = places().work_tree;
  question.arguments = {"ls-tree", "-r", "-z", "--full-tree", *commit};
  const Answer answer = require_git(question);
  for (const string_view line : split(answer.text(), '\0')) {
    const std::size_t tab = line.find('\t');
    const std::vector<string_view> words = split(line.substr(0, tab), ' ');
    const auto object = words.size() == 3 ? from_hex(words[2]) : std::nullopt;
    if (tab == string_view::npos || !object) {
      throw IoError("git printed " + quoted(line) + " where an entry of a tree was expected");
    }
    comparison.meet(line.substr(tab + 1), number_from<std::uint32_t>(words[0], 8), *object);
  }
}

std::optional<std::string> GitBackend::hash_regular(const std::string& path) const {
  Question question;
  question.directory = places().work_tree;
  question.arguments = {"-c", "core.safecrlf=false", "hash-object", "--", path};
  question.environment = without_filters();
  const Answer answer = ask_git(question);
  if (answer.exit_code != 0) {
    return std::nullopt;
  }
  return answer.line();
}

std::string GitBackend::hash_blob(const std::string& bytes) const {
  Question question;
  question.directory = places().work_tree;
  question.arguments = {"hash-object", "--stdin"};
  question.input = to_bytes(bytes);
  return require_git(question).line();
}

/// Settings that take the place of every filter's commands.
const std::map<std::string, std::string>& GitBackend::without_filters() const {
  if (without_filters_) {
    return *without_filters_;
  }
  const Answer answer =
      ask({"config", "--null", "--name-only", "--get-regexp", "^filter\\..*\\.(clean|process)$"});
  std::map<std::string, std::string> environment;
  std::size_t count = 0;
  const auto set = [&](const std::string& key, const std::string& value) {
    environment["GIT_CONFIG_KEY_" + std::to_string(count)] = key;
    environment["GIT_CONFIG_VALUE_" + std::to_string(count)] = value;
    ++count;
  };
  for (const string_view key : split(answer.text(), '\0')) {
    set(std::string(key), "");
    set(std::string(key.substr(0, key.rfind('.'))) + ".required", "false");
  }
  environment["GIT_CONFIG_COUNT"] = std::to_string(count);
  return without_filters_.emplace(std::move(environment));
}

} // namespace savepoint::git
