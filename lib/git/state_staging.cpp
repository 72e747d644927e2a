#include "git/state_staging.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "fs/files.hpp"
#include "fs/status.hpp"
#include "git/branch_moves.hpp"
#include "git/internal/private_git.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <set>

namespace savepoint::git {
namespace {

namespace filesystem = std::filesystem;

void write(const filesystem::path& path, ByteView bytes) {
  fs::AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

/// Gives `path`, which will take the place of `place`, the mode and the group of what is there; if
/// nothing is, those that git gives what it makes: as HEAD and the git directory have them.
void let_others_in(const filesystem::path& path, const filesystem::path& place,
                   const filesystem::path& git_directory) {
  const auto own = fs::status(path);
  auto like = fs::status(place);
  if (!own || !like || like->kind != own->kind) {
    const bool is_file = own && own->kind == fs::FileKind::regular;
    like = fs::status(is_file ? git_directory / "HEAD" : git_directory);
    if (!like || (is_file && like->kind != fs::FileKind::regular)) {
      return;
    }
  }
  const std::uint32_t least = own->kind == fs::FileKind::regular ? 0600 : 0700;
  const int ignored = ::lchown(path.c_str(), static_cast<uid_t>(-1), like->group);
  static_cast<void>(ignored); // only members of a group may give to it
  // EPERM: a file system without modes; the file is ours.
  if (::chmod(path.c_str(), like->mode | least) != 0 && errno != EPERM && errno != ENOTSUP) {
    throw_io_error(errno, "change the mode of", path.native());
  }
}

std::string text_or(const Repository& repository, const std::string& key, const char* otherwise) {
  std::string text = repository.config(key).value_or("");
  std::erase_if(text, [](char c) { return c == '<' || c == '>' || c == '\n' || c == '\0'; });
  return text.empty() ? otherwise : text;
}

} // namespace

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
    paths += "../blobs/" + object + "\n"; // the whole path may have a line end in it
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
  const filesystem::path git_directory = repository_->git_directory();
  const auto write_for_all = [&](const filesystem::path& path, const std::string& name,
                                 ByteView bytes) {
    write(path, bytes);
    let_others_in(path, git_directory / name, git_directory);
  };
  write_for_all(add("HEAD", true), "HEAD", as_bytes(goal.head));
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
      write_for_all(path, file->path, file->content);
      for (filesystem::path below = filesystem::path(file->path).parent_path();
           below.native().size() >= name.size(); below = below.parent_path()) {
        let_others_in(fresh.string() + below.string().substr(name.size()), git_directory / below,
                      git_directory);
      }
    }
  }
  const filesystem::path fresh = add("index", goal.index.has_value());
  if (goal.index) {
    const Index present = Index::read(repository_->index_file(), repository_->work_tree());
    write_for_all(fresh, "index", print_index_file(*goal.index, present));
  }
  fs::sync_directory(directory_ / "new");
  write(directory_ / "step", as_bytes(encode(step))); // for whoever sweeps
  finished_ = true;
  return step;
}

} // namespace savepoint::git
