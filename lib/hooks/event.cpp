#include "hooks/event.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "fs/lock.hpp"
#include "git/head_move.hpp"
#include "git/ignore.hpp"
#include "hooks/internal/follow.hpp"
#include "project/interrupted.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace savepoint::hooks {
namespace {

using std::string_view;

constexpr std::size_t k_short_commit = 10;

string_view variable(const config::Environment& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found == environment.end() ? string_view() : string_view(found->second);
}

bool is_on(string_view value) {
  return !value.empty() && value != "0" && value != "false";
}

const std::string& argument(const Call& call, std::size_t index) {
  static const std::string k_none;
  return index < call.arguments.size() ? call.arguments[index] : k_none;
}

bool is_null_id(string_view id) {
  return !id.empty() && id.find_first_not_of('0') == string_view::npos;
}

bool is_id(string_view text) {
  return (text.size() == 40 || text.size() == 64) &&
         text.find_first_not_of("0123456789abcdef") == string_view::npos;
}

std::vector<string_view> split(string_view text, char separator) {
  std::vector<string_view> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

/// Whether a pattern of the settings means a ref: the whole name, or what people call it.
bool means(string_view pattern, string_view ref) {
  for (const string_view prefix : {"", "refs/heads/", "refs/tags/"}) {
    if (ref.starts_with(prefix) && git::wild_match(pattern, ref.substr(prefix.size()))) {
      return true;
    }
  }
  return false;
}

/// A rebase by patches says nothing of itself yet when it checks out what it begins with.
bool is_of_rebase(const git::Repository& repository) {
  const std::optional<git::HeadMove> move = git::last_head_move(repository);
  return move && (move->message.starts_with("rebase") ||
                  move->message.find(" (start): checkout ") != std::string::npos);
}

/// What git is in the middle of and replays by itself. A merge is not among it: its commit is made
/// by people.
std::optional<Passed> pass_in_the_middle(const Call& call, const git::Repository& repository) {
  static constexpr std::array<string_view, 5> k_replays{"rebase", "am", "cherry-pick", "revert",
                                                        "bisect"};
  const std::string operation = repository.operation();
  if (call.hook == Hook::pre_rebase && operation == "rebase") {
    return std::nullopt; // not begun yet: it has only stashed what is not committed
  }
  if (std::ranges::find(k_replays, operation) != k_replays.end()) {
    return Passed{"a " + operation + " is in progress"};
  }
  if (call.hook == Hook::post_merge && operation == "merge") {
    return Passed{"it was saved before the commit of the merge"}; // git has still to clean up
  }
  if (call.hook == Hook::post_checkout && is_of_rebase(repository)) {
    return Passed{"a rebase is in progress"};
  }
  return std::nullopt;
}

std::string short_commit(const std::string& commit) {
  return commit.substr(0, k_short_commit);
}

/// `from` of a reflog names a branch or, where HEAD was detached, the commit by its whole id.
std::optional<std::string> branch_named(const std::string& from, const std::string& commit) {
  return from == commit ? std::nullopt : std::optional(from);
}

manifest::HookMoment left_by_checkout(const Call& call, const git::Repository& repository) {
  manifest::HookMoment moment;
  if (!is_null_id(argument(call, 0))) {
    moment.left_commit = argument(call, 0);
  }
  const std::optional<git::HeadMove> move = git::last_head_move(repository);
  if (move && move->from == argument(call, 0) && move->to == argument(call, 1)) {
    if (const auto from = move->checkout_from()) {
      moment.left_branch = branch_named(*from, move->from);
    }
  }
  return moment;
}

/// A squash changes files and leaves HEAD where it was.
std::optional<manifest::HookMoment> left_by_merge(const Call& call,
                                                  const git::Repository& repository) {
  const std::optional<std::string> before = repository.resolve_commit("ORIG_HEAD");
  const git::Head head = repository.head();
  if (argument(call, 0) == "1" || !before || before == head.commit) {
    return std::nullopt;
  }
  return manifest::HookMoment{.left_commit = before, .left_branch = head.branch, .late = {}};
}

/// Git says the same of a branch without commits that is left, but notes where it came from.
bool is_new_work_tree(const Call& call, const git::Repository& repository) {
  if (call.hook != Hook::post_checkout || !is_null_id(argument(call, 0))) {
    return false;
  }
  const std::optional<git::HeadMove> move = git::last_head_move(repository);
  return !move || !move->checkout_from();
}

/// The guard is never passed over: it was asked because work is at stake.
std::optional<Passed> pass_for_now(const Call& call, const project::Project& project) {
  if (call.hook == Hook::guard) {
    return std::nullopt;
  }
  if (project.repository() == nullptr) {
    return Passed{"there is no repository with a work tree here"};
  }
  if (is_new_work_tree(call, *project.repository())) {
    return Passed{"the work tree is new"};
  }
  if (call.hook == Hook::pre_push && !find_deploy(call.input, project.config().hooks.deploy)) {
    return Passed{"nothing of what is pushed is in hooks.deploy"};
  }
  return pass_in_the_middle(call, *project.repository());
}

/// `repository` may only be missing for the guard.
snapshot::Request request_for(const Call& call, const git::Repository* repository) {
  snapshot::Request request;
  request.if_changed = true;
  request.trigger = "hook:" + std::string(name_of(call.hook));
  switch (call.hook) {
  case Hook::pre_commit:
    request.note = "before a commit";
    break;
  case Hook::pre_merge_commit:
    request.note = "before the commit of a merge";
    break;
  case Hook::pre_rebase:
    request.note = "before a rebase onto " + printable(argument(call, 0));
    break;
  case Hook::pre_push:
    request.note = "before a push to " + printable(argument(call, 0));
    break;
  case Hook::post_checkout:
    request.hook = left_by_checkout(call, *repository);
    request.note = "left " + what_was_left(*request.hook) + " for " +
                   printable(repository->head().branch.value_or(short_commit(argument(call, 1))));
    break;
  case Hook::post_merge:
    request.hook = left_by_merge(call, *repository);
    request.note = request.hook ? "merged into " + what_was_left(*request.hook) : "after a merge";
    break;
  case Hook::post_rewrite:
    request.note = "after " + printable(argument(call, 0));
    break;
  case Hook::guard:
    request.trigger = "guard:" + argument(call, 0);
    request.note = "before " + printable(argument(call, 0));
    break;
  }
  return request;
}

} // namespace

std::string what_was_left(const manifest::HookMoment& left) {
  const std::string commit = short_commit(left.left_commit.value_or(""));
  if (!left.left_branch) {
    return commit.empty() ? named(Owner{}) : commit;
  }
  return printable(*left.left_branch) + (commit.empty() ? "" : " (" + commit + ")");
}

std::optional<fs::FileLock> lock_databases(const project::Project& project,
                                           const store::Store& store, std::chrono::seconds wait) {
  const git::Repository* const repository = project.repository();
  std::string name =
      project.identity().id + "." + (repository == nullptr ? "" : repository->worktree_name());
  std::ranges::replace_if(
      name, [](char letter) { return letter == '/'; }, '_');
  const std::filesystem::path file = store.cache_file(name + ".hook");
  return fs::FileLock::acquire(file, fs::FileLock::Mode::exclusive, wait,
                               project.context().cancellation);
}

void leave_databases_out(snapshot::Request& request) {
  request.only.databases = false;
  request.left_out.push_back(
      {"databases", "left: the snapshot of an earlier hook was still reading them", true});
}

bool stays_at_commit(const Call& call) {
  return call.hook == Hook::post_checkout && argument(call, 0) == argument(call, 1);
}

std::optional<Passed> pass_at_once(const Call& call, const config::Environment& environment) {
  const string_view wanted = variable(environment, "SAVEPOINT");
  if (wanted == "0" || wanted == "false") {
    return Passed{"SAVEPOINT=" + std::string(wanted)};
  }
  if (is_on(variable(environment, "CI")) && !is_on(variable(environment, "SAVEPOINT_CI"))) {
    return Passed{"this is CI, and SAVEPOINT_CI is not set"};
  }
  if (call.hook == Hook::post_rewrite && argument(call, 0) != "amend") {
    return Passed{"a rebase is in progress"};
  }
  if (call.hook != Hook::post_checkout) {
    return std::nullopt;
  }
  if (!variable(environment, "_PRE_COMMIT_SKIP_POST_CHECKOUT").empty()) {
    return Passed{"a checkout of pre-commit's own"};
  }
  if (argument(call, 2) != "1") {
    return Passed{"only files were checked out"};
  }
  return std::nullopt;
}

std::optional<std::string> find_deploy(const std::string& input,
                                       const std::vector<std::string>& deploy) {
  for (const string_view line : split(input, '\n')) {
    // The first of the four is the local ref as it was typed, which may have spaces: ":/fix it".
    const std::vector<string_view> words = split(line, ' ');
    const std::size_t count = words.size();
    if (count < 4 || !is_id(words[count - 3]) || !is_id(words[count - 1])) {
      continue;
    }
    const string_view remote = words[count - 2];
    for (const std::string& pattern : deploy) {
      if (means(pattern, remote)) {
        return std::string(remote);
      }
    }
  }
  return std::nullopt;
}

std::variant<Passed, Answered> answer(const Call& call, const project::Project& project,
                                      snapshot::Waiting& waiting) {
  if (auto passed = pass_for_now(call, project)) {
    return *std::move(passed);
  }
  const std::filesystem::path store_path = project.store_path();
  if (project::find_due(project, store_path)) {
    throw RefusedError("a restore was interrupted, and the project is between two states: run "
                       "'savepoint recover'");
  }
  store::Store store = store::Store::open_or_create(store_path, project.context().cancellation);
  snapshot::Request request = request_for(call, project.repository());
  request.waiting = &waiting;
  if (call.hook == Hook::post_checkout) {
    if (!follows(*project.repository())) {
      forget_owner(*project.repository()); // whose they are is not known any more
    } else if (auto answered = follow_checkout(project, store, request)) {
      return *std::move(answered);
    }
  }
  if (stays_at_commit(call)) {
    return Passed{std::string(k_same_commit)};
  }
  const std::optional<fs::FileLock> lock = lock_databases(project, store, std::chrono::seconds(0));
  if (!lock) {
    leave_databases_out(request);
  }
  return Answered{snapshot::take(project, store, request), std::nullopt};
}

} // namespace savepoint::hooks
