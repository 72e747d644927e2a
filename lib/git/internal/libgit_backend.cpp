#include "git/internal/libgit_backend.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "fs/files.hpp"
#include "fs/status.hpp"
#include "git/internal/lineage.hpp"
#include "git/internal/nearest_first.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <span>

namespace savepoint::git {
namespace {

using std::string_view;

constexpr string_view k_branches = "refs/heads/";
constexpr string_view k_remotes = "refs/remotes/";

std::string without_prefix(string_view name, string_view prefix) {
  return std::string(name.starts_with(prefix) ? name.substr(prefix.size()) : name);
}

std::string hex_of(const git_oid& id) {
  std::array<char, GIT_OID_HEXSZ> digits{};
  git_oid_fmt(digits.data(), &id);
  return {digits.data(), digits.size()};
}

string_view raw_bytes(const git_oid& id) {
  return as_text(std::as_bytes(std::span(id.id)));
}

/// Reads a full id that this library gave out.
git_oid id_from(const std::string& hex) {
  git_oid id{};
  check_libgit(git_oid_fromstr(&id, hex.c_str()), "read the commit id " + quoted(hex));
  return id;
}

/// Takes the content out of a buffer of libgit2.
std::string take(git_buf& buffer) {
  std::string text(buffer.ptr == nullptr ? "" : buffer.ptr, buffer.size);
  git_buf_dispose(&buffer);
  return text;
}

/// Adds config.worktree, which libgit2 1.5 does not read by itself. False where it has a say in
/// where the work tree is: then this is not our repository to open.
bool add_worktree_config(git_repository* repository) {
  git_config* config = nullptr;
  check_libgit(git_repository_config(&config, repository), "read the configuration of git");
  const ConfigHandle owned(config);
  int enabled = 0;
  if (git_config_get_bool(&enabled, config, "extensions.worktreeconfig") != 0 || enabled == 0) {
    return true;
  }
  const std::string file = std::string(git_repository_path(repository)) + "config.worktree";
  // The level above the repository's own, so that it is stronger and never written to.
  check_libgit(
      git_config_add_file_ondisk(config, file.c_str(), GIT_CONFIG_LEVEL_APP, repository, 1),
      "read " + quoted(file));
  for (const char* const key : {"core.bare", "core.worktree"}) {
    git_config_entry* entry = nullptr;
    if (git_config_get_entry(&entry, config, key) == 0) {
      const ConfigEntryHandle owned_entry(entry);
      if (entry->level == GIT_CONFIG_LEVEL_APP) {
        return false;
      }
    }
  }
  return true;
}

std::filesystem::path real_path(const char* path) {
  return std::filesystem::canonical(std::filesystem::path(path));
}

bool is_ours(const Places& places) {
  const auto belongs_to_us = [](const std::filesystem::path& path) {
    const auto status = fs::status(path);
    return !status || status->user == geteuid();
  };
  return belongs_to_us(places.work_tree) && belongs_to_us(places.work_tree / ".git") &&
         belongs_to_us(places.git_directory);
}

/// The name that HEAD points to; nothing when it is detached.
std::optional<std::string> head_target(git_repository* repository) {
  git_reference* reference = nullptr;
  check_libgit(git_reference_lookup(&reference, repository, "HEAD"), "read HEAD");
  const ReferenceHandle owned(reference);
  if (git_reference_type(reference) != GIT_REFERENCE_SYMBOLIC) {
    return std::nullopt;
  }
  return git_reference_symbolic_target(reference);
}

std::optional<git_oid> id_of(git_repository* repository, const std::string& reference) {
  git_oid id{};
  const int code = git_reference_name_to_id(&id, repository, reference.c_str());
  if (code == GIT_ENOTFOUND) {
    return std::nullopt;
  }
  check_libgit(code, "read " + quoted(reference));
  return id;
}

TreeHandle look_up_tree(git_repository* repository, const git_oid& id) {
  git_tree* tree = nullptr;
  check_libgit(git_tree_lookup(&tree, repository, &id), "read the tree " + hex_of(id));
  return TreeHandle(tree);
}

void compare_tree(git_repository* repository, const git_oid& root, StagedComparison& comparison) {
  struct Open {
    TreeHandle tree;
    std::string prefix; ///< Of what is in it: its path and a slash, empty for the root.
    std::size_t next = 0;
  };
  std::vector<Open> open;
  if (!comparison.meets_unchanged("", raw_bytes(root))) {
    open.push_back({look_up_tree(repository, root), ""});
  }
  while (!open.empty()) {
    Open& current = open.back();
    if (current.next == git_tree_entrycount(current.tree.get())) {
      open.pop_back();
      continue;
    }
    const git_tree_entry* const entry = git_tree_entry_byindex(current.tree.get(), current.next++);
    const std::string path = current.prefix + git_tree_entry_name(entry);
    const git_oid id = *git_tree_entry_id(entry);
    const auto mode = static_cast<std::uint32_t>(git_tree_entry_filemode_raw(entry));
    if (git_tree_entry_type(entry) != GIT_OBJECT_TREE) {
      comparison.meet(path, mode, raw_bytes(id));
    } else if (!comparison.meets_unchanged(path, raw_bytes(id))) {
      open.push_back({look_up_tree(repository, id), path + "/"});
    }
  }
}

std::optional<CommitNode> look_up_commit(git_repository* repository, const std::string& hex) {
  const git_oid id = id_from(hex);
  git_commit* commit = nullptr;
  const int code = git_commit_lookup(&commit, repository, &id);
  if (code == GIT_ENOTFOUND) {
    return std::nullopt;
  }
  check_libgit(code, "read the commit " + hex);
  const CommitHandle owned(commit);
  CommitNode node{git_commit_time(commit), {}};
  for (unsigned i = 0; i < git_commit_parentcount(commit); ++i) {
    node.parents.push_back(hex_of(*git_commit_parent_id(commit, i)));
  }
  return node;
}

} // namespace

LibgitBackend::LibgitBackend(Places places, RepositoryHandle repository)
    : Backend(places), repository_(std::move(repository)), git_(std::move(places)),
      shallow_(git_repository_is_shallow(repository_.get()) == 1) {}

LibgitBackend::Opening LibgitBackend::open(const std::filesystem::path& directory) {
  start_libgit();
  git_repository* repository = nullptr;
  const int code = git_repository_open_ext(&repository, directory.c_str(), 0, nullptr);
  RepositoryHandle handle(repository);
  if (code < 0) {
    // What libgit2 1.5 misses may be safe.directory rather than the repository.
    const git_error* const error = git_error_last();
    const bool none =
        code == GIT_ENOTFOUND && (error == nullptr || error->klass != GIT_ERROR_CONFIG);
    return {none ? Verdict::none : Verdict::ask_git, nullptr};
  }
  if (!add_worktree_config(repository)) {
    return {Verdict::ask_git, nullptr};
  }
  if (git_repository_is_bare(repository) == 1) {
    return {Verdict::none, nullptr};
  }
  Places places{real_path(git_repository_workdir(repository)),
                real_path(git_repository_path(repository)),
                real_path(git_repository_commondir(repository))};
  // libgit2 lets root open everything; git does not.
  if (!is_ours(places) && !GitBackend::discover(directory)) {
    return {Verdict::none, nullptr};
  }
  return {Verdict::found, std::make_unique<LibgitBackend>(std::move(places), std::move(handle))};
}

Head LibgitBackend::head() const {
  Head head;
  try {
    const std::optional<std::string> target = head_target(repository_.get());
    const auto id = id_of(repository_.get(), target.value_or("HEAD"));
    if (target) {
      head.branch = without_prefix(*target, k_branches);
    }
    if (id) {
      head.commit = hex_of(*id);
    }
  } catch (const IoError& error) { // what is wrong with it is part of what is asked
    return {.branch = std::nullopt, .commit = std::nullopt, .broken = error.what()};
  }
  return head;
}

std::optional<Upstream> LibgitBackend::upstream() const {
  if (shallow_) {
    return git_.upstream(); // libgit2 1.5 stumbles over where the history was cut
  }
  if (!head().broken.empty()) {
    return std::nullopt;
  }
  const std::optional<std::string> branch = head_target(repository_.get());
  if (!branch) {
    return std::nullopt;
  }
  git_buf buffer = GIT_BUF_INIT;
  const int code = git_branch_upstream_name(&buffer, repository_.get(), branch->c_str());
  const std::string name = take(buffer);
  if (code < 0) {
    return std::nullopt; // none configured, or half of one
  }
  const auto ours = id_of(repository_.get(), *branch);
  const auto theirs = id_of(repository_.get(), name);
  if (!ours || !theirs) {
    return std::nullopt;
  }
  std::size_t ahead = 0;
  std::size_t behind = 0;
  check_libgit(git_graph_ahead_behind(&ahead, &behind, repository_.get(), &*ours, &*theirs),
               "compare " + quoted(*branch) + " with its upstream");
  return Upstream{without_prefix(without_prefix(name, k_remotes), k_branches), ahead, behind};
}

std::uint64_t LibgitBackend::stash_count() const {
  // Not by libgit2, which makes an empty reflog where there is none.
  const auto reflog = fs::read_file(places().common_directory / "logs/refs/stash");
  return reflog ? static_cast<std::uint64_t>(
                      std::count(reflog->begin(), reflog->end(), static_cast<std::byte>('\n')))
                : 0;
}

std::optional<std::string> LibgitBackend::resolve_commit(const std::string& revision) const {
  git_object* object = nullptr;
  const int code = git_revparse_single(&object, repository_.get(), revision.c_str());
  const ObjectHandle owned(object);
  if (code == GIT_EAMBIGUOUS) {
    throw UsageError("the revision " + quoted(revision) + " is ambiguous",
                     "give more digits of the commit's id");
  }
  if (code < 0) {
    return std::nullopt;
  }
  git_object* commit = nullptr;
  if (git_object_peel(&commit, object, GIT_OBJECT_COMMIT) < 0) {
    return std::nullopt;
  }
  const ObjectHandle owned_commit(commit);
  return hex_of(*git_object_id(commit));
}

std::vector<std::string> LibgitBackend::commits_between(const std::string& from,
                                                        const std::string& to) const {
  if (shallow_) {
    return git_.commits_between(from, to);
  }
  const std::string action = "walk the commits " + from + ".." + to;
  git_revwalk* walk = nullptr;
  check_libgit(git_revwalk_new(&walk, repository_.get()), action);
  const WalkHandle owned(walk);
  const git_oid begin = id_from(from);
  const git_oid end = id_from(to);
  check_libgit(git_revwalk_sorting(walk, GIT_SORT_TOPOLOGICAL | GIT_SORT_TIME), action);
  check_libgit(git_revwalk_push(walk, &end), action);
  check_libgit(git_revwalk_hide(walk, &begin), action);
  std::vector<std::string> commits;
  git_oid id{};
  int code = 0;
  while ((code = git_revwalk_next(&id, walk)) == 0) {
    commits.push_back(hex_of(id));
  }
  if (code != GIT_ITEROVER) {
    check_libgit(code, action);
  }
  return commits;
}

std::vector<std::string> LibgitBackend::history(const std::string& commit,
                                                std::size_t limit) const {
  return nearest_first(commit, limit, [this](const std::string& id) {
    return look_up_commit(repository_.get(), id);
  });
}

Lineage LibgitBackend::lineage(const std::vector<std::string>& commits, std::size_t limit) const {
  return find_lineage(commits, limit, [this](const std::string& id) {
    return look_up_commit(repository_.get(), id);
  });
}

std::optional<std::string> LibgitBackend::config(const std::string& key) const {
  git_config* config = nullptr;
  check_libgit(git_repository_config_snapshot(&config, repository_.get()),
               "read the configuration of git");
  const ConfigHandle owned(config);
  git_config_entry* entry = nullptr;
  const int code = git_config_get_entry(&entry, config, key.c_str());
  if (code == GIT_ENOTFOUND) {
    return std::nullopt;
  }
  check_libgit(code, "read the setting " + quoted(key) + " of git");
  const ConfigEntryHandle owned_entry(entry);
  return entry->value == nullptr ? "" : entry->value;
}

void LibgitBackend::set_config(const std::string& key, const std::string& value) {
  const std::string action =
      "set " + key + " in " + quoted((places().common_directory / "config").string());
  git_config* all = nullptr;
  check_libgit(git_repository_config(&all, repository_.get()), action);
  const ConfigHandle owned_all(all);
  git_config* own = nullptr;
  check_libgit(git_config_open_level(&own, all, GIT_CONFIG_LEVEL_LOCAL), action);
  const ConfigHandle owned(own);
  const int code = git_config_set_string(own, key.c_str(), value.c_str());
  if (code == GIT_ELOCKED) {
    throw BusyError("cannot " + action + ": " + libgit_complaint(),
                    "try again when no other git command runs");
  }
  check_libgit(code, action);
}

void LibgitBackend::compare_with_head(StagedComparison& comparison) const {
  const std::optional<std::string> head_commit = head().commit;
  if (!head_commit) {
    return;
  }
  const git_oid id = id_from(*head_commit);
  git_commit* commit = nullptr;
  check_libgit(git_commit_lookup(&commit, repository_.get(), &id), "read the commit of HEAD");
  const CommitHandle owned(commit);
  compare_tree(repository_.get(), *git_commit_tree_id(commit), comparison);
}

std::optional<std::string> LibgitBackend::hash_regular(const std::string& path) const {
  const char* encoding = nullptr;
  if (git_attr_get(&encoding, repository_.get(), GIT_ATTR_CHECK_FILE_THEN_INDEX, path.c_str(),
                   "working-tree-encoding") == 0 &&
      git_attr_value(encoding) == GIT_ATTR_VALUE_STRING) {
    return git_.hash_regular(path); // which libgit2 1.5 does not convert
  }
  git_oid id{};
  if (git_repository_hashfile(&id, repository_.get(), path.c_str(), GIT_OBJECT_BLOB, nullptr) < 0) {
    return std::nullopt;
  }
  return hex_of(id);
}

std::string LibgitBackend::hash_blob(const std::string& bytes) const {
  git_oid id{};
  check_libgit(git_odb_hash(&id, bytes.data(), bytes.size(), GIT_OBJECT_BLOB), "hash a blob");
  return hex_of(id);
}

} // namespace savepoint::git
