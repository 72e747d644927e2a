#include "restore/internal/describe_git.hpp"

namespace savepoint::restore {
namespace {

constexpr std::size_t k_short = 10;

std::string short_id(const std::optional<std::string>& id) {
  return id ? id->substr(0, k_short) : "no commit";
}

std::string kept_text(const GitChange::Left& left) {
  return left.count == 0
             ? ""
             : "; " + std::to_string(left.count) +
                   (left.count == 1 ? " commit made since stays" : " commits made since stay") +
                   " reachable as " + left.kept_as;
}

std::string text_of(const GitChange& change, const GitChange::Move& move) {
  if (move.to) {
    return (move.from ? "moves from " + short_id(move.from) + " to " : "is made at ") +
           short_id(move.to) + kept_text(move.left);
  }
  const bool is_unborn = move.branch == change.branch_after;
  return (is_unborn ? "goes, as before its first commit" : "goes, as it was not there") +
         kept_text(move.left);
}

std::string head_text(const GitChange& change) {
  const auto name = [](const std::optional<std::string>& branch,
                       const std::optional<std::string>& commit) {
    return branch ? *branch : short_id(commit) + " (detached)";
  };
  return (change.head_is_broken ? "becomes one that git cannot read, as it was"
                                : "from " + name(change.branch_before, change.commit_before) +
                                      " to " + name(change.branch_after, change.commit_after)) +
         kept_text(change.left_by_head);
}

std::string operation_text(const GitChange& change) {
  if (change.operation_before == change.operation_after) {
    return "goes to another moment of the same " + change.operation_after;
  }
  const auto name = [](const std::string& operation) {
    return operation.empty() ? std::string("none") : operation;
  };
  return "from " + name(change.operation_before) + " to " + name(change.operation_after);
}

std::string file_text(const GitChange::File& file) {
  if (!file.is_there_after) {
    return "goes, as it was not there";
  }
  return file.is_there_before ? "becomes what it was" : "comes back";
}

} // namespace

std::vector<PlannedChange> describe_git(const std::vector<GitChange>& changes) {
  std::vector<PlannedChange> described;
  for (const GitChange& change : changes) {
    const auto add = [&](const std::string& what, const std::string& text) {
      described.push_back({.action = PlannedChange::Action::git,
                           .path = change.path.empty() ? what : change.path + ": " + what,
                           .into = text});
    };
    for (const GitChange::Move& move : change.moves) {
      add("branch " + move.branch, text_of(change, move));
    }
    const bool moves_with_branch = change.branch_after && change.move_of(*change.branch_after);
    if (change.head_changes ||
        (!moves_with_branch && change.commit_before != change.commit_after)) {
      add("HEAD", head_text(change));
    }
    if (change.index_changes) {
      add("index", "becomes what was staged then");
    }
    if (change.operation_changes) {
      add("operation in progress", operation_text(change));
    }
    for (const GitChange::File& file : change.files) {
      add(file.name, file_text(file));
    }
  }
  return described;
}

} // namespace savepoint::restore
