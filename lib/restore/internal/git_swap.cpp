#include "restore/internal/git_swap.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "fs/files.hpp"
#include "git/index.hpp"
#include "git/state_staging.hpp"
#include "restore/internal/git_plan.hpp"
#include "restore/internal/random_name.hpp"
#include "store/content.hpp"

#include <chrono>

namespace savepoint::restore {
namespace {

constexpr std::uint64_t k_largest_file = std::uint64_t{1} << 30U;
constexpr std::uint32_t k_submodule = 0160000;

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

} // namespace

GitSwap::GitSwap(const project::Project& project, const store::Store& store,
                 const Plan::State& plan) {
  const git::ReflogNote note{.at = std::chrono::duration_cast<std::chrono::seconds>(
                                       project.context().clock->now().time_since_epoch())
                                       .count(),
                             .message = "savepoint: restored " + plan.target.id->text()};
  GitPlaces places(project);
  try {
    for (const GitTarget& target : plan.git) {
      if (const git::Repository* const repository = places.find(target.path)) {
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
    if (entry.mode == k_submodule) {
      if (const git::Repository* const below = places.find(std::string(entry.path))) {
        git::sweep_state_steps(below->git_directory());
      }
    }
  }
}

} // namespace savepoint::restore
