#include "git/operation.hpp"

namespace savepoint::git {
namespace {

/// What the sequencer is doing between two commits of a longer cherry-pick or revert.
std::string sequencer_operation(const StateView& state) {
  const std::optional<std::string> todo = state.text("sequencer/todo");
  if (!todo) {
    return "";
  }
  return todo->starts_with("revert") || todo->starts_with("r ") ? "revert" : "cherry-pick";
}

} // namespace

std::string operation_in(const StateView& state) {
  if (state.has("rebase-merge") || state.has("rebase-apply/rebasing")) {
    return "rebase";
  }
  if (state.has("rebase-apply")) {
    return "am";
  }
  if (state.has("MERGE_HEAD")) {
    return "merge";
  }
  if (state.has("CHERRY_PICK_HEAD")) {
    return "cherry-pick";
  }
  if (state.has("REVERT_HEAD")) {
    return "revert";
  }
  if (state.has("sequencer")) {
    return sequencer_operation(state);
  }
  return state.has("BISECT_LOG") ? "bisect" : "";
}

} // namespace savepoint::git
