#include "snapshot/kept_commits.hpp"

#include "base/error.hpp"
#include "git/index.hpp"
#include "git/kept_objects.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>

namespace savepoint::snapshot {
namespace {

constexpr std::uint32_t k_submodule = 0160000;

/// Stores do not let go what others keep.
std::string owner_of(const store::Store& store) {
  constexpr std::size_t k_digits = 12;
  return store.id().substr(0, k_digits);
}

/// What is kept for one store in the repositories of a project.
class Keepers {
public:
  Keepers(const project::Project& project, const store::Store& store)
      : project_(&project), owner_(owner_of(store)) {}

  /// Null if there is no such submodule.
  const git::KeptObjects* of(const std::string& path) {
    const auto [found, is_new] = keepers_.try_emplace(path);
    if (is_new) {
      found->second = open(path);
    }
    return found->second ? &*found->second : nullptr;
  }

private:
  [[nodiscard]] std::optional<git::KeptObjects> open(const std::string& path) const {
    if (path.empty()) {
      return git::KeptObjects(project_->repository()->common_directory(), owner_);
    }
    const std::filesystem::path work_tree = project_->root() / path;
    std::error_code ignored;
    if (!std::filesystem::exists(work_tree / ".git", ignored)) {
      return std::nullopt;
    }
    const auto submodule = git::Repository::discover(work_tree);
    return submodule && submodule->work_tree() == work_tree
               ? std::optional(git::KeptObjects(submodule->common_directory(), owner_))
               : std::nullopt;
  }

  const project::Project* project_;
  std::string owner_;
  std::map<std::string, std::optional<git::KeptObjects>> keepers_;
};

/// The needs of all snapshots of the project, whatever work tree they are of.
std::map<std::string, std::set<std::string>> all_needs(const project::Project& project,
                                                       const store::Store& store) {
  std::map<std::string, std::set<std::string>> needs;
  const std::string id = project.identity().id;
  for (const manifest::Summary& summary : store.snapshots()) {
    if (summary.project != id) {
      continue;
    }
    const manifest::Manifest manifest = store.load(summary.id);
    if (manifest.git) {
      for (const manifest::GitNeed& need : manifest.git->needs) {
        needs[need.path].insert(need.object);
      }
    }
  }
  return needs;
}

} // namespace

void keep_commits(const project::Project& project, const store::Store& store,
                  manifest::Manifest& manifest) {
  if (!manifest.git || project.repository() == nullptr) {
    return;
  }
  Keepers keepers(project, store);
  for (const manifest::GitNeed& need : manifest.git->needs) {
    try {
      if (const git::KeptObjects* const keeper = keepers.of(need.path)) {
        static_cast<void>(keeper->keep(need.object));
      }
    } catch (const IoError& error) {
      manifest.left_out.push_back(
          {need.path.empty() ? ".git" : need.path + "/.git",
           "git may collect the commit " + need.object + ": " + error.what(), false});
      return; // the next one would say the same
    }
  }
}

std::string kept_reference(const store::Store& store, const std::string& commit) {
  return git::KeptObjects("", owner_of(store)).reference(commit);
}

std::size_t release_commits(const project::Project& project, const store::Store& store) {
  if (project.repository() == nullptr) {
    return 0;
  }
  Keepers keepers(project, store);
  std::map<std::string, std::set<std::string>> needs = all_needs(project, store);
  needs.try_emplace("");
  const git::Repository& repository = *project.repository();
  const git::Index index = git::Index::read(repository.index_file(), repository.work_tree());
  for (const git::IndexEntry& entry : index.entries()) {
    if (entry.mode == k_submodule) {
      needs.try_emplace(std::string(entry.path));
    }
  }
  std::size_t released = 0;
  for (const auto& [path, objects] : needs) {
    const git::KeptObjects* const keeper = keepers.of(path);
    if (keeper == nullptr) {
      continue;
    }
    for (const std::string& object : keeper->list()) {
      if (!objects.contains(object)) {
        keeper->release(object);
        ++released;
      }
    }
  }
  return released;
}

} // namespace savepoint::snapshot
