#include "snapshot/kept_commits.hpp"

#include "base/error.hpp"
#include "git/index.hpp"
#include "git/kept_objects.hpp"
#include "git/submodules.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace savepoint::snapshot {
namespace {

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
    const auto submodule = git::open_submodule(project_->root(), path);
    return submodule ? std::optional(git::KeptObjects(submodule->common_directory(), owner_))
                     : std::nullopt;
  }

  const project::Project* project_;
  std::string owner_;
  std::map<std::string, std::optional<git::KeptObjects>> keepers_;
};

/// What the snapshots of the store need, whatever project and work tree they are of: a submodule of
/// one may be a project of its own, and what is kept is kept for the store.
struct Needs {
  std::set<std::string> objects;
  std::set<std::string> submodules; ///< Of the project; "" is its own repository.
};

/// The commit that was left by a checkout or a merge: no branch may have it soon. Or empty.
std::string left_commit(const manifest::Manifest& manifest) {
  return manifest.hook ? manifest.hook->left_commit.value_or("") : std::string();
}

Needs all_needs(const project::Project& project, const store::Store& store) {
  Needs needs;
  const std::string id = project.identity().id;
  for (const manifest::Summary& summary : store.snapshots()) {
    const manifest::Manifest manifest = store.load(summary.id);
    if (!manifest.git) {
      continue;
    }
    for (const manifest::GitNeed& need : manifest.git->needs) {
      needs.objects.insert(need.object);
      if (summary.project == id) {
        needs.submodules.insert(need.path);
      }
    }
    needs.objects.insert(left_commit(manifest));
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
  std::map<std::string, std::vector<std::string>> needs;
  for (const manifest::GitNeed& need : manifest.git->needs) {
    needs[need.path].push_back(need.object);
  }
  if (const std::string left = left_commit(manifest); !left.empty()) {
    needs[""].push_back(left);
  }
  for (const auto& need : needs) { // clang 14 lets no lambda capture a binding
    const std::string& path = need.first;
    const std::vector<std::string>& objects = need.second;
    const auto name_them = [&](const Error& error) {
      const std::string more =
          objects.size() == 1 ? "" : " and " + std::to_string(objects.size() - 1) + " more";
      manifest.left_out.push_back(
          {path.empty() ? ".git" : path + "/.git",
           "git may collect the commit " + objects.front() + more + ": " + error.what(), false});
    };
    try {
      if (const git::KeptObjects* const keeper = keepers.of(path)) {
        static_cast<void>(keeper->keep(objects));
      }
    } catch (const IoError& error) {
      name_them(error);
      return; // the next one would say the same
    } catch (const BusyError& error) {
      name_them(error); // no space: there may be some where the store is
      return;
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
  Needs needs = all_needs(project, store);
  needs.submodules.insert("");
  const git::Repository& repository = *project.repository();
  const git::Index index = git::Index::read(repository.index_file(), repository.work_tree());
  for (std::string& path : git::submodules_of(index)) {
    needs.submodules.insert(std::move(path));
  }
  std::size_t released = 0;
  for (const std::string& path : needs.submodules) {
    const git::KeptObjects* const keeper = keepers.of(path);
    if (keeper == nullptr) {
      continue;
    }
    for (const std::string& object : keeper->list()) {
      if (!needs.objects.contains(object)) {
        keeper->release(object);
        ++released;
      }
    }
  }
  return released;
}

std::vector<MissingCommit> missing_commits(const project::Project& project,
                                           const store::Store& store,
                                           const std::vector<manifest::Summary>& snapshots) {
  std::vector<MissingCommit> missing;
  if (project.repository() == nullptr) {
    return missing;
  }
  std::map<std::string, std::vector<MissingCommit>> needs; // by submodule
  const std::string id = project.identity().id;
  for (const manifest::Summary& summary : snapshots) {
    if (summary.project != id) {
      continue;
    }
    try {
      const manifest::Manifest manifest = store.load(summary.id);
      for (const manifest::GitNeed& need :
           manifest.git ? manifest.git->needs : std::vector<manifest::GitNeed>()) {
        needs[need.path].push_back({summary.id, need.path, need.object});
      }
    } catch (const CorruptionError&) { // others say so
      continue;
    } catch (const NotFoundError&) { // of a newer version, or pruned just now
      continue;
    }
  }
  for (auto& [path, needed] : needs) {
    const auto submodule = path.empty() ? std::nullopt : git::open_submodule(project.root(), path);
    if (!path.empty() && !submodule) {
      continue;
    }
    const git::Repository& repository = submodule ? *submodule : *project.repository();
    std::set<std::string> wanted;
    for (const MissingCommit& need : needed) {
      wanted.insert(need.commit);
    }
    const std::vector<std::string> known = repository.known_objects({wanted.begin(), wanted.end()});
    const std::set<std::string> there(known.begin(), known.end());
    std::erase_if(needed, [&](const MissingCommit& need) { return there.contains(need.commit); });
    std::ranges::move(needed, std::back_inserter(missing));
  }
  return missing;
}

} // namespace savepoint::snapshot
