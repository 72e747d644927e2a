#include "project/project.hpp"

#include "base/ascii.hpp"
#include "base/printable.hpp"
#include "config/data_directory.hpp"
#include "fs/files.hpp"
#include "fs/lock.hpp"
#include "fs/status.hpp"
#include "hash/sha256.hpp"
#include "store/store.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <random>

namespace savepoint::project {
namespace {

constexpr std::string_view k_id_key = "savepoint.id";
constexpr std::chrono::seconds k_wait_for_id{10};
constexpr std::size_t k_id_digits = 16;
constexpr std::array<std::string_view, 2> k_root_markers = {"savepoint.json", "package.json"};

std::filesystem::path real_directory(const std::filesystem::path& directory) {
  std::error_code trouble;
  const std::filesystem::path real = std::filesystem::canonical(directory, trouble);
  if (trouble) {
    throw NotFoundError("cannot open the project " + quoted(directory.native()) + ": " +
                            trouble.message(),
                        "name a directory that exists with -C");
  }
  if (!std::filesystem::is_directory(real)) {
    throw UsageError("cannot open the project " + quoted(directory.native()) +
                         ": it is not a directory",
                     "name a directory with -C");
  }
  return real;
}

/// Without git: the nearest directory at or above `directory` that says it is a project, else
/// itself.
std::filesystem::path plain_root(const std::filesystem::path& directory) {
  for (std::filesystem::path at = directory; at != at.root_path(); at = at.parent_path()) {
    for (const std::string_view marker : k_root_markers) {
      if (fs::status(at / marker)) {
        return at;
      }
    }
  }
  return directory;
}

std::string random_id() {
  std::random_device device;
  std::string id;
  for (std::size_t i = 0; i < k_id_digits; ++i) {
    id += "0123456789abcdef"[device() % 16U];
  }
  return id;
}

std::string id_of_path(const std::filesystem::path& root) {
  return hash::sha256(as_bytes(root.native())).hex().substr(0, k_id_digits);
}

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= 64 &&
         std::ranges::all_of(text, [](char c) { return is_digit(c) || is_letter(c) || c == '-'; });
}

/// What the directory of a project's store is called after: all work trees of one repository share
/// it.
std::string store_name(const manifest::ProjectIdentity& identity,
                       const git::Repository* repository) {
  if (identity.worktree.empty() || repository == nullptr) {
    return identity.name;
  }
  const std::filesystem::path common = repository->common_directory();
  const bool is_usual = common.filename() == ".git";
  return (is_usual ? common.parent_path() : common).filename().native();
}

/// A name that is safe in a path, for people who look into the directory of stores.
std::string directory_name(const manifest::ProjectIdentity& identity,
                           const git::Repository* repository) {
  std::string name;
  for (const char c : store_name(identity, repository).substr(0, 60)) {
    const bool plain = is_digit(c) || is_letter(c) || c == '-' || c == '_' || c == '.';
    name += plain ? c : '_';
  }
  return (name.starts_with('.') ? "_" + name : name) + "-" + identity.id;
}

/// The directory among `stores` that is the project's: the one that is called after it or, if there
/// is none, the one that has its id, since the project may have had another name.
std::filesystem::path store_among(const std::filesystem::path& stores, const std::string& name,
                                  const std::string& id) {
  std::filesystem::path usual = stores / name;
  std::error_code trouble;
  if (std::filesystem::exists(usual, trouble)) {
    return usual;
  }
  std::vector<std::filesystem::path> found;
  for (auto at = std::filesystem::directory_iterator(stores, trouble);
       !trouble && at != std::filesystem::directory_iterator(); at.increment(trouble)) {
    if (at->path().filename().native().ends_with("-" + id)) {
      found.push_back(at->path());
    }
  }
  return found.size() == 1 ? found.front() : usual;
}

/// The id that the git config has, if it is one of ours.
std::optional<std::string> known_id(const git::Repository& repository) {
  std::optional<std::string> id = repository.config(std::string(k_id_key));
  return id && is_id(*id) ? std::move(id) : std::nullopt;
}

bool is_within(const std::filesystem::path& inner, const std::filesystem::path& outer) {
  const auto [end_of_outer, rest] =
      std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end());
  return end_of_outer == outer.end();
}

} // namespace

struct Project::State {
  std::filesystem::path root;
  config::Config config;
  std::unique_ptr<git::Repository> repository;
  Context context;
};

Project::Project(std::unique_ptr<State> state) : state_(std::move(state)) {}
Project::~Project() = default;
Project::Project(Project&&) noexcept = default;
Project& Project::operator=(Project&&) noexcept = default;

Project Project::open(const std::filesystem::path& directory, const Context& context) {
  auto state = std::make_unique<State>();
  state->context = context;
  const std::filesystem::path start = real_directory(directory);
  if (std::optional<git::Repository> repository = git::Repository::discover(start)) {
    state->repository = std::make_unique<git::Repository>(std::move(*repository));
    state->root = real_directory(state->repository->work_tree());
  } else {
    state->root = plain_root(start);
  }
  if (state->root == state->root.root_path()) {
    throw UsageError("cannot take " + quoted(state->root.native()) + " as a project",
                     "name the directory of a project with -C");
  }
  state->config = config::load(state->root, context.environment);
  return Project(std::move(state));
}

const std::filesystem::path& Project::root() const {
  return state_->root;
}
const config::Config& Project::config() const {
  return state_->config;
}
git::Repository* Project::repository() const {
  return state_->repository.get();
}
const Context& Project::context() const {
  return state_->context;
}

manifest::ProjectIdentity Project::identity() const {
  manifest::ProjectIdentity identity;
  identity.name = state_->root.filename().native();
  if (!state_->repository) {
    identity.id = id_of_path(state_->root);
    return identity;
  }
  identity.worktree = state_->repository->worktree_name();
  if (const auto known = known_id(*state_->repository)) {
    identity.id = *known;
    return identity;
  }
  // Of several that come first at the same time, one makes the id and the others find it.
  const auto lock = fs::FileLock::acquire(
      fs::open_directory(state_->repository->common_directory()), fs::FileLock::Mode::exclusive,
      k_wait_for_id, state_->context.cancellation);
  const std::optional<git::Repository> fresh = git::Repository::discover(state_->root);
  if (const auto known = fresh ? known_id(*fresh) : std::nullopt) {
    identity.id = *known;
    return identity;
  }
  manifest::ProjectIdentity without_git = identity;
  without_git.id = id_of_path(state_->root);
  const auto earlier = default_store(without_git);
  identity.id = identity.worktree.empty() && earlier && store::Store::exists(*earlier)
                    ? without_git.id
                    : random_id();
  state_->repository->set_config(std::string(k_id_key), identity.id);
  return identity;
}

std::optional<std::filesystem::path>
Project::default_store(const manifest::ProjectIdentity& identity) const {
  const auto stores = config::data_directory(state_->context.environment);
  return stores ? std::optional(store_among(
                      *stores, directory_name(identity, state_->repository.get()), identity.id))
                : std::nullopt;
}

std::optional<std::filesystem::path> Project::store_beside_git() const {
  if (state_->context.store || state_->config.store || !state_->repository) {
    return std::nullopt;
  }
  const auto usual = default_store(identity());
  if (usual && store::Store::exists(*usual)) {
    return std::nullopt;
  }
  return state_->repository->common_directory() / "savepoint";
}

std::optional<Project::Namesake> Project::namesake() const {
  const manifest::ProjectIdentity own = identity();
  const auto stores = config::data_directory(state_->context.environment);
  if (!stores || state_->context.store || state_->config.store) {
    return std::nullopt;
  }
  std::string name = directory_name(own, state_->repository.get());
  name.resize(name.size() - own.id.size());
  std::optional<Namesake> found;
  std::filesystem::file_time_type newest;
  std::error_code trouble;
  for (auto at = std::filesystem::directory_iterator(*stores, trouble);
       !trouble && at != std::filesystem::directory_iterator(); at.increment(trouble)) {
    const std::string file = at->path().filename().native();
    const std::string id = file.starts_with(name) ? file.substr(name.size()) : std::string();
    if (id.size() != k_id_digits || !is_id(id) || id == own.id ||
        !store::Store::exists(at->path())) {
      continue;
    }
    std::error_code unknown;
    const auto written = std::filesystem::last_write_time(at->path() / "manifests", unknown);
    if (!unknown && (!found || written > newest)) {
      found = Namesake{at->path(), id};
      newest = written;
    }
  }
  return found;
}

std::filesystem::path Project::store_path() const {
  std::filesystem::path store;
  if (state_->context.store) {
    store = std::filesystem::absolute(*state_->context.store);
  } else if (state_->config.store) {
    store = state_->root / *state_->config.store;
  } else if (const auto beside_git = store_beside_git();
             beside_git && store::Store::exists(*beside_git)) {
    store = *beside_git;
  } else {
    const auto usual = default_store(identity());
    if (!usual) {
      throw UsageError("cannot tell where snapshots go: neither XDG_DATA_HOME nor HOME is set",
                       "set SAVEPOINT_STORE or give --store DIR");
    }
    store = *usual;
  }
  store = std::filesystem::weakly_canonical(store);
  const bool own_git_directory =
      state_->repository && is_within(store, state_->repository->common_directory());
  if (is_within(store, state_->root) && !own_git_directory) {
    throw UsageError("the store " + quoted(store.native()) + " lies inside the project",
                     "put it elsewhere: what cleans the project would delete its snapshots");
  }
  if (is_within(state_->root, store)) {
    throw UsageError("the project " + quoted(state_->root.native()) + " lies inside the store " +
                         quoted(store.native()),
                     "put the store elsewhere with --store, SAVEPOINT_STORE or the config");
  }
  return store;
}

} // namespace savepoint::project
