#include "git/state_staging.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "fs/files.hpp"
#include "fs/status.hpp"
#include "git/internal/private_git.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace savepoint::git {
namespace {

namespace filesystem = std::filesystem;

constexpr std::string_view k_branches = "refs/heads/";

void write(const filesystem::path& path, ByteView bytes) {
  fs::AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

std::string text_or(const Repository& repository, const std::string& key, const char* otherwise) {
  std::string text = repository.config(key).value_or("");
  std::erase_if(text, [](char c) { return c == '<' || c == '>' || c == '\n' || c == '\0'; });
  return text.empty() ? otherwise : text;
}

/// Adds a branch that has to move.
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
    throw RefusedError("the branch " + quoted(branch.name.substr(k_branches.size())) +
                           " is checked out in another work tree: " + quoted(elsewhere),
                       "switch that one to another branch, or restore without --git");
  }
  if (branch.before != branch.after) {
    branches.push_back(std::move(branch));
  }
}

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

} // namespace

std::string other_work_tree_of(const Repository& repository, const std::string& branch) {
  const filesystem::path common = repository.common_directory();
  const filesystem::path own = repository.git_directory();
  const auto has_it = [&](const filesystem::path& git_directory) {
    const auto text = read_head_file(git_directory);
    const auto head = text ? parse_head(*text) : std::nullopt;
    return git_directory != own && head && head->reference == branch;
  };
  if (has_it(common) && repository.config("core.bare").value_or("") != "true") {
    return common.parent_path().string();
  }
  for (const std::string& name : fs::list_names(common / "worktrees")) {
    const filesystem::path git_directory = common / "worktrees" / name;
    if (has_it(git_directory)) {
      const auto where = fs::read_file(git_directory / "gitdir", 65536);
      const std::string text = where ? std::string(as_text(*where)) : "";
      const filesystem::path link = text.substr(0, text.find('\n'));
      if (fs::status(link)) { // one that was removed by hand has nothing checked out
        return link.parent_path().string();
      }
    }
  }
  return "";
}

StateStaging::StateStaging(const Repository& repository, const std::string& name)
    : repository_(&repository), name_(std::string(k_state_staging_prefix) + name),
      directory_(repository.git_directory() / name_) {
  if (repository.config("extensions.refstorage").value_or("files") != "files") {
    throw NotFoundError("the git state of this repository cannot be put back: its references are "
                        "not files",
                        "restore without --git");
  }
  sweep_state_steps(repository.git_directory());
  require_unlocked(repository.git_directory());
  for (const char* const part : {"new", "old", "blobs"}) {
    fs::make_directories(directory_ / part);
  }
  PrivateGit(directory_ / "git").make(repository.common_directory());
}

StateStaging::~StateStaging() {
  if (!finished_) {
    try {
      fs::remove_tree(directory_);
    } catch (const Error&) {
      return; // the next one sweeps it
    }
  }
}

filesystem::path StateStaging::blob_file(const std::string& object) {
  blobs_.push_back(object);
  return directory_ / "blobs" / object;
}

void StateStaging::add_blobs() {
  if (blobs_.empty()) {
    return;
  }
  std::string paths;
  std::string expected;
  for (const std::string& object : blobs_) {
    paths += (directory_ / "blobs" / object).string() + "\n";
    expected += object + "\n";
  }
  const Answer answer =
      PrivateGit(directory_ / "git")
          .run({"hash-object", "-w", "--no-filters", "--stdin-paths"}, to_bytes(paths), {});
  if (answer.text() != expected) {
    throw CorruptionError("a blob of the index is not what it is called",
                          "'savepoint verify' says what is damaged");
  }
  fs::remove_tree(directory_ / "blobs");
}

StateStep StateStaging::finish(const StateGoal& goal, const ReflogNote& note) {
  StateStep step;
  step.work_tree = repository_->work_tree().string();
  step.git_directory = repository_->git_directory().string();
  step.common_directory = repository_->common_directory().string();
  step.staging = name_;
  step.branches = branch_moves(*repository_, goal);
  step.commit_before = repository_->head().commit;
  step.commit_after = goal.commit;
  step.head_seen = read_head_file(repository_->git_directory()).value_or("");
  step.index_seen = image_digest(repository_->index_file(), repository_->work_tree());
  step.who = text_or(*repository_, "user.name", "savepoint") + " <" +
             text_or(*repository_, "user.email", "savepoint") + ">";
  step.at = note.at;
  step.message = note.message;

  const auto add = [&](const std::string& name, bool comes) {
    step.names.push_back(
        {name, fs::status(repository_->git_directory() / name).has_value(), comes});
    return directory_ / "new" / std::to_string(step.names.size() - 1);
  };
  write(add("HEAD", true), as_bytes(goal.head));
  std::map<std::string, std::vector<const StateFile*>> wanted;
  for (const StateFile& file : goal.files) {
    wanted[state_name_of(file.path)].push_back(&file);
  }
  std::set<std::string> names;
  for (const std::string& name : present_state_names(repository_->git_directory())) {
    names.insert(name);
  }
  for (const auto& [name, files] : wanted) {
    names.insert(name);
  }
  for (const std::string& name : names) {
    const auto files = wanted.find(name);
    const filesystem::path fresh = add(name, files != wanted.end());
    if (files == wanted.end()) {
      continue;
    }
    for (const StateFile* const file : files->second) {
      const filesystem::path path = fresh.string() + file->path.substr(name.size());
      fs::make_directories(path.parent_path());
      write(path, file->content);
    }
  }
  const filesystem::path fresh = add("index", goal.index.has_value());
  if (goal.index) {
    const Index present = Index::read(repository_->index_file(), repository_->work_tree());
    write(fresh, print_index_file(*goal.index, present));
  }
  fs::sync_directory(directory_ / "new");
  write(directory_ / "step", as_bytes(encode(step))); // for whoever sweeps
  finished_ = true;
  return step;
}

} // namespace savepoint::git
