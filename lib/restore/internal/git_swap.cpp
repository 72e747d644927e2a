#include "restore/internal/git_swap.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "fs/files.hpp"
#include "fs/status.hpp"
#include "git/index.hpp"
#include "git/index_image.hpp"
#include "git/state_files.hpp"
#include "git/state_staging.hpp"
#include "restore/internal/git_plan.hpp"
#include "restore/internal/random_name.hpp"
#include "store/content.hpp"

#include <chrono>

namespace savepoint::restore {
namespace {

constexpr std::uint64_t k_largest_file = std::uint64_t{1} << 30U;

void write_blob(const store::Store& store, const manifest::Content& content,
                const std::filesystem::path& path) {
  fs::AtomicFile file(path);
  store::read_filled(store, content, [&](ByteView bytes) { file.write(bytes); });
  file.commit();
}

git::StateStep stage(const git::Repository& repository, const store::Store& store,
                     const GitTarget& target, const git::ReflogNote& note) {
  git::StateStaging staging(repository, random_name());
  for (const auto& [object, content] : target.blobs) {
    write_blob(store, content, staging.blob_file(object));
  }
  staging.add_blobs();
  git::StateGoal goal;
  goal.head = target.head;
  goal.commit = target.commit;
  goal.branches = target.branches;
  if (target.index) {
    goal.index = git::decode_image(store::read_whole(store, *target.index, k_largest_file));
  }
  for (const auto& [path, content] : target.files) {
    goal.files.push_back({path, store::read_whole(store, content, k_largest_file)});
  }
  return staging.finish(goal, note);
}

[[noreturn]] void refuse_changed(const git::Repository& repository) {
  throw BusyError("the state of git changed since the restore was planned: " +
                      quoted(repository.git_directory().string()),
                  "stop what changes the repository, then try again");
}

/// That every branch the restore is about is where it was when the plan was made.
void require_planned(const git::Repository& repository, const GitTarget& target,
                     const GitChange& change) {
  constexpr std::string_view k_heads = "refs/heads/";
  const auto require_there = [&](const std::string& branch,
                                 const std::optional<std::string>& wanted) {
    const GitChange::Move* const move = change.move_of(branch);
    if (repository.resolve_commit(std::string(k_heads) + branch) != (move ? move->from : wanted)) {
      refuse_changed(repository);
    }
  };
  if (repository.head().commit != change.commit_before) {
    refuse_changed(repository);
  }
  if (change.branch_after) {
    require_there(*change.branch_after, change.commit_after);
  }
  for (const auto& [reference, commit] : target.branches) {
    if (reference.substr(k_heads.size()) != change.branch_after) {
      require_there(reference.substr(k_heads.size()), commit);
    }
  }
}

/// That a repository in which nothing had to change still is as the snapshot has it.
void require_unchanged(const git::Repository& repository, const store::Store& store,
                       const GitTarget& target) {
  std::optional<Bytes> index;
  if (fs::status(repository.index_file())) {
    index = git::encode_image(git::Index::read(repository.index_file(), repository.work_tree()),
                              repository.id_length());
  }
  std::optional<Bytes> wanted;
  if (target.index) {
    wanted = store::read_whole(store, *target.index, k_largest_file);
  }
  if (git::read_head_file(repository.git_directory()).value_or("") != target.head ||
      repository.head().commit != target.commit || index != wanted) {
    refuse_changed(repository);
  }
}

} // namespace

GitSwap::GitSwap(const project::Project& project, const store::Store& store,
                 const Plan::State& plan)
    : project_(&project), store_(&store), plan_(&plan) {
  const git::ReflogNote note{.at = std::chrono::duration_cast<std::chrono::seconds>(
                                       project.context().clock->now().time_since_epoch())
                                       .count(),
                             .message = "savepoint: restored " + plan.target.id->text()};
  GitPlaces places(project);
  try {
    for (std::size_t i = 0; i < plan.git.size(); ++i) {
      const GitTarget& target = plan.git[i];
      if (const git::Repository* const repository = places.find(target.path)) {
        require_planned(*repository, target, plan.git_changes[i]);
        steps_.push_back(stage(*repository, store, target, note));
      }
    }
  } catch (const std::exception&) {
    close();
    throw;
  }
}

GitSwap::~GitSwap() {
  if (roll_back().empty()) {
    try {
      close();
    } catch (const std::exception&) {
      return; // the next one sweeps it
    }
  }
}

void GitSwap::perform() {
  GitPlaces places(*project_);
  for (const GitTarget& target : plan_->git_unchanged) {
    if (const git::Repository* const repository = places.find(target.path)) {
      require_unchanged(*repository, *store_, target);
    }
  }
  for (const git::StateStep& step : steps_) {
    ++begun_;
    git::perform(step);
  }
}

std::vector<std::string> GitSwap::roll_back() noexcept {
  std::vector<std::string> stuck;
  while (begun_ > 0) {
    const git::StateStep& step = steps_[--begun_];
    try {
      git::take_back(step);
    } catch (const std::exception& error) {
      stuck.push_back(quoted(step.git_directory) + ": " + error.what());
    }
  }
  return stuck;
}

void GitSwap::close() {
  begun_ = 0;
  std::vector<git::StateStep> steps;
  steps.swap(steps_);
  for (const git::StateStep& step : steps) {
    git::close(step);
  }
}

void GitSwap::sweep(const project::Project& project) {
  const git::Repository* const repository = project.repository();
  if (repository == nullptr) {
    return;
  }
  git::sweep_state_steps(repository->git_directory());
  GitPlaces places(project);
  const git::Index index = git::Index::read(repository->index_file(), repository->work_tree());
  for (const git::IndexEntry& entry : index.entries()) {
    if (entry.mode == git::k_submodule) {
      if (const git::Repository* const below = places.find(std::string(entry.path))) {
        git::sweep_state_steps(below->git_directory());
      }
    }
  }
}

} // namespace savepoint::restore
