#include "git/branch_moves.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "fs/files.hpp"
#include "fs/status.hpp"
#include "git/state_files.hpp"

#include <algorithm>
#include <array>

namespace savepoint::git {
namespace {

namespace filesystem = std::filesystem;

constexpr std::string_view k_branches = "refs/heads/";
constexpr std::uint64_t k_largest_text = std::uint64_t{1} << 20U;

std::string text_of(const filesystem::path& file, std::uint64_t limit = k_largest_text) {
  const auto status = fs::status(file);
  if (!status || status->kind != fs::FileKind::regular) {
    return "";
  }
  const auto content = fs::read_file(file, limit);
  return content ? std::string(as_text(*content)) : "";
}

bool has_line(std::string_view text, std::string_view line) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (text.substr(at, end - at) == line) {
      return true;
    }
    at = end + 1;
  }
  return false;
}

/// Whether the work tree of a git directory has `branch` checked out, or an operation in progress
/// there will come back to it or move it.
bool uses(const filesystem::path& git_directory, const std::string& branch) {
  const auto text = read_head_file(git_directory);
  const auto head = text ? parse_head(*text) : std::nullopt;
  constexpr std::array k_files{"rebase-merge/head-name", "rebase-merge/update-refs",
                               "rebase-apply/head-name"};
  return (head && head->reference == branch) ||
         std::ranges::any_of(
             k_files,
             [&](const char* file) { return has_line(text_of(git_directory / file), branch); }) ||
         has_line(text_of(git_directory / "BISECT_START"), branch.substr(k_branches.size()));
}

/// A branch below `directory`, as the rest of its name; empty if there is none.
std::string first_below(const filesystem::path& directory) {
  for (const std::string& name : fs::list_names(directory)) {
    const auto status = fs::status(directory / name);
    if (status && status->kind == fs::FileKind::directory) {
      if (const std::string below = first_below(directory / name); !below.empty()) {
        return name + "/" + below;
      }
    } else if (status && !name.ends_with(".lock")) {
      return name;
    }
  }
  return "";
}

/// Throws RefusedError if a branch is there that keeps git from making `branch`: "a" and "a/b"
/// cannot both be.
void require_free_name(const filesystem::path& common_directory, const std::string& branch) {
  constexpr std::uint64_t k_largest_packed = std::uint64_t{1} << 30U;
  std::string other;
  const std::string packed = text_of(common_directory / "packed-refs", k_largest_packed);
  for (std::size_t end = branch.find('/', k_branches.size()); end != std::string::npos;
       end = branch.find('/', end + 1)) {
    const std::string above = branch.substr(0, end);
    const auto status = fs::status(common_directory / above);
    if ((status && status->kind != fs::FileKind::directory) ||
        packed.find(" " + above + "\n") != std::string::npos) {
      other = above;
    }
  }
  const auto status = fs::status(common_directory / branch);
  if (status && status->kind == fs::FileKind::directory) {
    const std::string below = first_below(common_directory / branch);
    other = below.empty() ? other : branch + "/" + below;
  }
  if (const std::size_t at = packed.find(" " + branch + "/"); at != std::string::npos) {
    other = packed.substr(at + 1, packed.find('\n', at) - at - 1);
  }
  if (!other.empty()) {
    const std::string name = quoted(other.substr(k_branches.size()));
    throw RefusedError("the branch " + quoted(branch.substr(k_branches.size())) +
                           " cannot be made while there is a branch " + name,
                       "rename the branch " + name + ", or restore without --git");
  }
}

/// Adds a branch that has to move, or that HEAD is on: then also to see whether somebody moves it.
void add_branch(const Repository& repository, const std::string& name,
                const std::optional<std::string>& commit, bool comes_into_use,
                std::vector<StateStep::Reference>& branches) {
  StateStep::Reference branch{
      .name = name, .before = repository.resolve_commit(name), .after = commit};
  if (branch.before == branch.after && !comes_into_use) {
    return;
  }
  const std::string elsewhere = other_work_tree_of(repository, branch.name);
  if (!elsewhere.empty()) {
    throw RefusedError(
        "the branch " + quoted(branch.name.substr(k_branches.size())) +
            " is in use in another work tree: " + quoted(elsewhere),
        "finish what is in progress there or switch it to another branch, or restore "
        "without --git");
  }
  if (!branch.before && branch.after) {
    require_free_name(repository.common_directory(), branch.name);
  }
  branches.push_back(std::move(branch));
}

} // namespace

std::vector<StateStep::Reference> branch_moves(const Repository& repository,
                                               const StateGoal& goal) {
  std::vector<StateStep::Reference> branches;
  const std::optional<HeadText> head = parse_head(goal.head);
  if (head && head->reference && head->reference->starts_with(k_branches)) {
    add_branch(repository, *head->reference, goal.commit, true, branches);
  }
  for (const auto& [name, commit] : goal.branches) {
    if (!head || head->reference != name) {
      add_branch(repository, name, commit, false, branches);
    }
  }
  return branches;
}

std::string other_work_tree_of(const Repository& repository, const std::string& branch) {
  const filesystem::path common = repository.common_directory();
  const filesystem::path own = repository.git_directory();
  if (common != own && uses(common, branch) &&
      repository.config("core.bare").value_or("") != "true") {
    return common.parent_path().string();
  }
  for (const std::string& name : fs::list_names(common / "worktrees")) {
    const filesystem::path git_directory = common / "worktrees" / name;
    if (git_directory != own && uses(git_directory, branch)) {
      const std::string text = text_of(git_directory / "gitdir");
      const filesystem::path link = text.substr(0, text.find('\n'));
      if (fs::status(link)) { // one that was removed by hand has nothing checked out
        return link.parent_path().string();
      }
    }
  }
  return "";
}

} // namespace savepoint::git
