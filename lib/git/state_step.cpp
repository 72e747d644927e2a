#include "git/state_step.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "fs/directories.hpp"
#include "fs/files.hpp"
#include "fs/status.hpp"
#include "fs/tree_writer.hpp"
#include "git/index.hpp"
#include "git/index_image.hpp"
#include "git/internal/step_branches.hpp"
#include "git/state_files.hpp"
#include "hash/sha256.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace savepoint::git {
namespace {

namespace filesystem = std::filesystem;

/// Where one name of a step is, waits, and is kept.
struct Spot {
  filesystem::path place;
  filesystem::path fresh;
  filesystem::path old;
};

filesystem::path staging_of(const StateStep& step) {
  return filesystem::path(step.git_directory) / step.staging;
}

Spot spot_of(const StateStep& step, std::size_t number) {
  const filesystem::path staging = staging_of(step);
  const std::string short_name = std::to_string(number);
  return {filesystem::path(step.git_directory) / step.names[number].name,
          staging / "new" / short_name, staging / "old" / short_name};
}

bool is_there(const filesystem::path& path) {
  return fs::status(path).has_value();
}

bool is_folder(const filesystem::path& path) {
  const auto status = fs::status(path);
  return status && status->kind == fs::FileKind::directory;
}

void move_to(const filesystem::path& from, const filesystem::path& to) {
  std::error_code error;
  filesystem::rename(from, to, error);
  if (error) {
    throw_io_error(error.value(), "rename", from.native());
  }
}

bool is_same_file(const filesystem::path& a, const filesystem::path& b) {
  const auto first = fs::status(a);
  const auto second = fs::status(b);
  return first && second && first->inode == second->inode && first->device == second->device;
}

/// A second name for a file; fine if it has it already.
void link(const filesystem::path& from, const filesystem::path& to) {
  std::error_code error;
  filesystem::create_hard_link(from, to, error);
  if (error && error != std::errc::file_exists) {
    throw_io_error(error.value(), "link", from.native());
  }
}

/// Puts what waits at `from` in place, and what is there to `to`. A file is replaced in one step:
/// there is never none.
void replace(const filesystem::path& from, const filesystem::path& place,
             const filesystem::path& to) {
  if (is_there(place)) {
    if (is_folder(place) || is_folder(from)) {
      move_to(place, to);
    } else {
      link(place, to);
    }
  }
  move_to(from, place);
}

bool is_begun(const StateStep::Name& name, const Spot& spot) {
  return is_there(spot.old) || (name.comes && !is_there(spot.fresh));
}

void put(const StateStep::Name& name, const Spot& spot) {
  if (name.comes) {
    if (is_same_file(spot.fresh, spot.place)) { // died while taking it back
      fs::remove_file(spot.fresh);
    } else if (is_there(spot.fresh)) {
      std::error_code ignored;
      filesystem::create_directories(spot.place.parent_path(), ignored);
      replace(spot.fresh, spot.place, spot.old);
    }
  } else if (is_there(spot.place) && !is_there(spot.old)) {
    move_to(spot.place, spot.old);
  }
}

void put_back(const StateStep::Name& name, const Spot& spot) {
  if (!name.comes) {
    if (is_there(spot.old)) {
      move_to(spot.old, spot.place);
    }
    return;
  }
  if (is_there(spot.fresh)) { // not put in place, or halfway, in either direction
    if (is_same_file(spot.old, spot.place)) {
      fs::remove_file(spot.old);
    } else if (is_there(spot.old)) {
      move_to(spot.old, spot.place);
    }
    return;
  }
  if (is_there(spot.old)) {
    replace(spot.old, spot.place, spot.fresh);
  } else if (is_there(spot.place)) {
    move_to(spot.place, spot.fresh);
  }
}

filesystem::path lock_of(const filesystem::path& git_directory) {
  return git_directory / "index.lock";
}

std::string lock_text(const StateStep& step) {
  return "savepoint " + step.staging + "\n";
}

bool is_our_lock(const StateStep& step) {
  const auto text = fs::read_file(lock_of(step.git_directory), 4096);
  return text && as_text(*text) == lock_text(step);
}

[[noreturn]] void refuse_locked(const filesystem::path& git_directory) {
  throw BusyError("another git command is at work: " + quoted(lock_of(git_directory).string()) +
                      " exists",
                  "wait until it has finished; if none runs, remove that file");
}

void lock(const StateStep& step) {
  if (is_our_lock(step)) {
    return; // of a process that died in the middle
  }
  // Under another name first, so that it never is there without saying whose it is.
  const filesystem::path own = staging_of(step) / "lock";
  fs::AtomicFile file(own);
  file.write(as_bytes(lock_text(step)));
  file.commit();
  std::error_code error;
  filesystem::create_hard_link(own, lock_of(step.git_directory), error);
  if (error == std::errc::file_exists) {
    refuse_locked(step.git_directory);
  }
  if (error) {
    throw_io_error(error.value(), "make", lock_of(step.git_directory).native());
  }
}

void unlock(const StateStep& step) {
  if (is_our_lock(step)) {
    fs::remove_file(lock_of(step.git_directory));
  }
}

/// Adds a line to the reflog of HEAD, if there is one, and the line is not its last.
void note(const StateStep& step, const std::optional<std::string>& from,
          const std::optional<std::string>& to, const std::string& message) {
  constexpr std::uint64_t k_largest_reflog = std::uint64_t{1} << 30U;
  const filesystem::path file = filesystem::path(step.git_directory) / "logs/HEAD";
  if (!to || !is_there(file)) {
    return;
  }
  const std::string zeros(to->size(), '0');
  const std::string line = from.value_or(zeros) + " " + *to + " " + step.who + " " +
                           std::to_string(step.at) + " +0000\t" + message + "\n";
  const auto content = fs::read_file(file, k_largest_reflog);
  if (!content || as_text(*content).ends_with(line)) {
    return;
  }
  const fs::Descriptor log(::open(file.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW));
  const int error_number = errno;
  if (!log.is_open()) {
    throw_io_error(error_number, "open", file.native());
  }
  fs::write_all(log, as_bytes(line), file);
  fs::sync_descriptor(log, file.native());
}

void sync(const StateStep& step) {
  const filesystem::path git_directory = step.git_directory;
  std::vector<filesystem::path> directories{git_directory, staging_of(step) / "new",
                                            staging_of(step) / "old"};
  for (const StateStep::Name& name : step.names) {
    directories.push_back((git_directory / name.name).parent_path());
  }
  std::ranges::sort(directories);
  directories.erase(std::unique(directories.begin(), directories.end()), directories.end());
  for (const filesystem::path& directory : directories) {
    if (is_folder(directory)) {
      fs::sync_directory(directory);
    }
  }
}

/// What is there must be what was seen when the step was made: it is what the way back leads to.
void require_seen(const StateStep& step) {
  const filesystem::path git_directory = step.git_directory;
  if (image_digest(git_directory / "index", step.work_tree) != step.index_seen) {
    throw BusyError("the index of git changed while the restore was being prepared",
                    "stop what changes the repository, then try again");
  }
  if (read_head_file(git_directory).value_or("") != step.head_seen) {
    throw BusyError("HEAD changed while the restore was being prepared",
                    "stop what changes the repository, then try again");
  }
  // A commit changes neither the text of HEAD nor, where all was staged, the index.
  for (const StateStep::Reference& branch : step.branches) {
    if (branch_value(step, branch.name) != branch.before) {
      refuse_moved(branch.name);
    }
  }
  const auto head = parse_head(step.head_seen);
  if (head && head->reference && step.commit_before &&
      branch_value(step, *head->reference) != step.commit_before) {
    refuse_moved(*head->reference);
  }
}

bool is_any_begun(const StateStep& step) {
  for (std::size_t i = 0; i < step.names.size(); ++i) {
    if (is_begun(step.names[i], spot_of(step, i))) {
      return true;
    }
  }
  return false;
}

} // namespace

void perform(const StateStep& step) {
  lock(step);
  if (!is_any_begun(step)) {
    require_seen(step);
  }
  for (std::size_t i = 0; i < step.names.size(); ++i) {
    put(step.names[i], spot_of(step, i));
  }
  for (const StateStep::Reference& branch : step.branches) {
    move_branch(step, branch.name, branch.before, branch.after, step.message);
  }
  if (step.commit_before != step.commit_after) {
    note(step, step.commit_before, step.commit_after, step.message);
  }
  sync(step);
  unlock(step);
}

void take_back(const StateStep& step) {
  if (!is_any_begun(step)) { // then no branch was moved by us: that comes after the files
    unlock(step);
    return;
  }
  std::vector<const StateStep::Reference*> moved;
  for (const StateStep::Reference& branch : step.branches) {
    if (branch.before != branch.after && branch_value(step, branch.name) == branch.after) {
      moved.push_back(&branch);
    }
  }
  lock(step);
  const std::string message = step.message + ", taken back";
  for (const StateStep::Reference* const branch : moved) {
    move_branch(step, branch->name, branch->after, branch->before, message);
  }
  for (std::size_t i = step.names.size(); i > 0; --i) {
    put_back(step.names[i - 1], spot_of(step, i - 1));
  }
  if (step.commit_before != step.commit_after) {
    note(step, step.commit_after, step.commit_before, message);
  }
  sync(step);
  unlock(step);
}

void close(const StateStep& step) {
  unlock(step);
  fs::remove_tree(staging_of(step));
}

void sweep_state_steps(const filesystem::path& git_directory) {
  for (const std::string& name : fs::list_names(git_directory)) {
    if (!name.starts_with(k_state_staging_prefix)) {
      continue;
    }
    StateStep left;
    left.git_directory = git_directory.string();
    left.staging = name;
    if (is_our_lock(left)) { // it died while changing something
      remove_left_locks(git_directory / name);
    }
    close(left);
  }
}

std::string image_digest(const filesystem::path& index_file, const filesystem::path& work_tree) {
  if (!is_there(index_file)) {
    return "";
  }
  const Index index = Index::read(index_file, work_tree);
  const std::size_t id_length = index.entries().empty() ? 0 : index.entries()[0].object.size();
  return std::string(as_text(hash::sha256(encode_image(index, id_length)).view()));
}

void require_unlocked(const filesystem::path& git_directory) {
  if (is_there(lock_of(git_directory))) {
    refuse_locked(git_directory);
  }
}

} // namespace savepoint::git
