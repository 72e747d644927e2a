#include "git/repository.hpp"

#include "base/error.hpp"
#include "base/hex.hpp"
#include "base/printable.hpp"
#include "fs/files.hpp"
#include "fs/status.hpp"
#include "git/index.hpp"
#include "git/internal/backend.hpp"
#include "git/internal/git_backend.hpp"
#include "git/internal/libgit.hpp"
#include "git/internal/libgit_backend.hpp"
#include "git/internal/staged.hpp"
#include "git/operation.hpp"

#include <fcntl.h>

#include <utility>

namespace savepoint::git {
namespace {

using std::string_view;
namespace filesystem = std::filesystem;

bool holds(const filesystem::path& work_tree, const filesystem::path& directory) {
  const filesystem::path relative =
      filesystem::weakly_canonical(directory).lexically_relative(filesystem::canonical(work_tree));
  return !relative.empty() && *relative.begin() != "..";
}

/// Whether git would take `revision` for a revision at all, rather than for an option or nonsense.
bool is_plausible(string_view revision) {
  constexpr string_view k_never("\0\n", 2);
  return !revision.empty() && revision.front() != '-' &&
         revision.find_first_of(k_never) == string_view::npos;
}

/// A path from git's configuration: `~/` means home, and what is relative starts at the work tree.
std::optional<filesystem::path> expand(const std::string& value,
                                       const std::optional<filesystem::path>& home,
                                       const filesystem::path& work_tree) {
  if (value.empty() || value.starts_with("%(prefix)")) {
    return std::nullopt;
  }
  if (!value.starts_with('~')) {
    return work_tree / value;
  }
  if (!home || !(value.size() == 1 || value[1] == '/')) {
    return std::nullopt;
  }
  return *home / value.substr(value.size() == 1 ? 1 : 2);
}

/// A file of the user's own settings for git, where no setting says where it is.
std::optional<filesystem::path> default_file(const std::optional<filesystem::path>& home,
                                             const char* name) {
  if (!home) {
    return std::nullopt;
  }
  const auto directory = user_config_directory(); // says what $XDG_CONFIG_HOME says
  return directory && home == home_directory() ? *directory / name : *home / ".config/git" / name;
}

} // namespace

struct Repository::State {
  std::unique_ptr<Backend> backend;
};

Repository::Repository(std::unique_ptr<State> state) : state_(std::move(state)) {}
Repository::~Repository() = default;
Repository::Repository(Repository&&) noexcept = default;
Repository& Repository::operator=(Repository&&) noexcept = default;

std::optional<Repository> Repository::discover(const filesystem::path& directory) {
  LibgitBackend::Opening opening = LibgitBackend::open(directory);
  auto state = std::make_unique<State>();
  state->backend = opening.verdict == LibgitBackend::Verdict::ask_git
                       ? GitBackend::discover(directory)
                       : std::move(opening.backend);
  if (!state->backend || !holds(state->backend->places().work_tree, directory)) {
    return std::nullopt;
  }
  return Repository(std::move(state));
}

filesystem::path Repository::work_tree() const {
  return state_->backend->places().work_tree;
}

filesystem::path Repository::git_directory() const {
  return state_->backend->places().git_directory;
}

filesystem::path Repository::common_directory() const {
  return state_->backend->places().common_directory;
}

std::string Repository::worktree_name() const {
  return git_directory() == common_directory() ? "" : git_directory().filename().string();
}

Head Repository::head() const {
  return state_->backend->head();
}

std::optional<Upstream> Repository::upstream() const {
  return state_->backend->upstream();
}

std::string Repository::operation() const {
  const filesystem::path directory = git_directory();
  return operation_in(
      {.has = [&](const std::string& path) { return fs::status(directory / path).has_value(); },
       .text = [&](const std::string& path) -> std::optional<std::string> {
         const auto bytes = fs::read_file(directory / path);
         return bytes ? std::optional(std::string(as_text(*bytes))) : std::nullopt;
       }});
}

std::uint64_t Repository::stash_count() const {
  return state_->backend->stash_count();
}

std::optional<std::string> Repository::resolve_commit(string_view revision) const {
  return is_plausible(revision) ? state_->backend->resolve_commit(std::string(revision))
                                : std::nullopt;
}

std::vector<std::string> Repository::commits_in_range(string_view range) const {
  const std::size_t dots = range.find("..");
  if (dots == string_view::npos || range.substr(dots).starts_with("...")) {
    throw UsageError(quoted(range) + " is not a range of commits", "write it as A..B");
  }
  const auto resolve = [this](string_view end) {
    const auto commit = resolve_commit(end.empty() ? "HEAD" : end);
    if (!commit) {
      throw NotFoundError("there is no commit " + quoted(end.empty() ? "HEAD" : end));
    }
    return *commit;
  };
  return state_->backend->commits_between(resolve(range.substr(0, dots)),
                                          resolve(range.substr(dots + 2)));
}

std::vector<std::string> Repository::history(string_view commit, std::size_t limit) const {
  const auto start = resolve_commit(commit);
  if (!start) {
    throw NotFoundError("there is no commit " + quoted(commit));
  }
  return state_->backend->history(*start, limit);
}

Lineage Repository::lineage(const std::vector<std::string>& commits, std::size_t limit) const {
  std::vector<std::string> plausible = commits;
  std::erase_if(plausible, [digits = id_length() * 2](const std::string& commit) {
    return commit.size() != digits || !from_hex(commit);
  });
  return state_->backend->lineage(plausible, limit);
}

std::optional<std::string> Repository::config(const std::string& key) const {
  return state_->backend->config(key);
}

void Repository::set_config(const std::string& key, const std::string& value) {
  state_->backend->set_config(key, value);
}

std::vector<filesystem::path>
Repository::exclude_files(const std::optional<filesystem::path>& home) const {
  const auto setting = config("core.excludesfile");
  const auto global = setting ? expand(*setting, home, work_tree()) : default_file(home, "ignore");
  std::vector<filesystem::path> files;
  if (global) {
    files.push_back(*global);
  }
  files.push_back(common_directory() / "info/exclude");
  return files;
}

std::vector<filesystem::path>
Repository::attribute_files(const std::optional<filesystem::path>& home) const {
  const auto setting = config("core.attributesfile");
  const auto global =
      setting ? expand(*setting, home, work_tree()) : default_file(home, "attributes");
  std::vector<filesystem::path> files{"/etc/gitattributes"};
  if (global) {
    files.push_back(*global);
  }
  files.push_back(common_directory() / "info/attributes");
  return files;
}

filesystem::path Repository::index_file() const {
  return git_directory() / "index";
}

std::vector<FileChange> Repository::staged_changes(const Index& index) const {
  StagedComparison comparison(index);
  state_->backend->compare_with_head(comparison);
  return comparison.finish();
}

std::optional<std::string> Repository::hash_file(string_view path) const {
  const std::string name(path);
  const filesystem::path file = work_tree() / name;
  const auto status = fs::try_status_at(AT_FDCWD, file.c_str());
  if (!status) {
    return std::nullopt;
  }
  if (status.value->kind == fs::FileKind::symlink) {
    const auto target = fs::try_read_link_at(AT_FDCWD, file.c_str());
    return target ? std::optional(state_->backend->hash_blob(*target.value)) : std::nullopt;
  }
  return status.value->kind == fs::FileKind::regular ? state_->backend->hash_regular(name)
                                                     : std::nullopt;
}

void Repository::read_blobs(const std::vector<std::string>& objects, BlobSink& sink) const {
  state_->backend->read_blobs(objects, sink);
}

std::vector<std::string> Repository::known_objects(const std::vector<std::string>& objects) const {
  return state_->backend->known_objects(objects);
}

std::string Repository::subject(const std::string& commit) const {
  return state_->backend->subject(commit);
}

std::size_t Repository::id_length() const {
  return config("extensions.objectformat") == "sha256" ? 32 : 20;
}

} // namespace savepoint::git
