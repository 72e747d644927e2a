#include "git/internal/step_branches.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "fs/files.hpp"
#include "fs/status.hpp"
#include "git/internal/private_git.hpp"

#include <algorithm>
#include <chrono>
#include <string_view>

namespace savepoint::git {
namespace {

namespace filesystem = std::filesystem;

constexpr std::string_view k_branches = "refs/heads/";
constexpr const char* k_marker = "moving";

filesystem::path staging_of(const StateStep& step) {
  return filesystem::path(step.git_directory) / step.staging;
}

PrivateGit git_of(const StateStep& step) {
  return PrivateGit(staging_of(step) / "git");
}

/// Says in the staging directory, as long as it lives, that a git of ours is moving a branch. Who
/// finds it after a crash knows by its time which locks that git made.
class MovingMarker {
public:
  explicit MovingMarker(const StateStep& step) : file_(staging_of(step) / k_marker) {
    fs::AtomicFile marker(file_);
    marker.write(as_bytes("savepoint\n"));
    marker.commit();
  }
  ~MovingMarker() {
    std::error_code ignored; // goes with the directory that it is in
    filesystem::remove(file_, ignored);
  }
  MovingMarker(const MovingMarker&) = delete;
  MovingMarker& operator=(const MovingMarker&) = delete;

private:
  filesystem::path file_;
};

/// Removes a lock that was made shortly after the marker.
void remove_left_lock(const filesystem::path& lock, std::int64_t marked_ns) {
  constexpr std::int64_t k_shortly_ns =
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::seconds(10)).count();
  const auto status = fs::status(lock);
  if (!status) {
    return;
  }
  if (status->mtime_ns < marked_ns || status->mtime_ns - marked_ns > k_shortly_ns) {
    throw BusyError("another git command is at work: " + quoted(lock.string()) + " exists",
                    "wait until it has finished; if none runs, remove that file, then run "
                    "'savepoint recover' again");
  }
  fs::remove_file(lock);
}

} // namespace

std::optional<std::string> branch_value(const StateStep& step, const std::string& name) {
  const Answer answer =
      git_of(step).run({"for-each-ref", "--format=%(objectname) %(refname)", name}, {}, {});
  const std::string_view text = answer.text();
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    const std::size_t space = line.find(' ');
    if (space != std::string_view::npos && line.substr(space + 1) == name) {
      return std::string(line.substr(0, space));
    }
    at = end + 1;
  }
  return std::nullopt;
}

void refuse_moved(const std::string& reference) {
  const bool is_branch = reference.starts_with(k_branches);
  throw BusyError("the branch " + quoted(reference.substr(is_branch ? k_branches.size() : 0)) +
                      " was moved meanwhile",
                  "stop what changes the repository, then try again");
}

void move_branch(const StateStep& step, const std::string& name,
                 const std::optional<std::string>& from, const std::optional<std::string>& to,
                 const std::string& message) {
  const std::optional<std::string> now = branch_value(step, name);
  if (now == to) {
    return;
  }
  if (now != from) {
    refuse_moved(name);
  }
  const std::size_t end_of_name = step.who.find(" <");
  const std::string address = step.who.substr(std::min(end_of_name + 2, step.who.size()));
  std::string input;
  const std::string zeros(to.value_or(from.value_or("")).size(), '0');
  if (to) {
    input = "update " + name + '\0' + *to + '\0' + from.value_or(zeros) + '\0';
  } else {
    input = "delete " + name + '\0' + *from + '\0';
  }
  const MovingMarker marker(step);
  static_cast<void>(
      git_of(step).run({"update-ref", "-m", message, "-z", "--stdin"}, to_bytes(input),
                       {{"GIT_COMMITTER_NAME", step.who.substr(0, end_of_name)},
                        {"GIT_COMMITTER_EMAIL", address.substr(0, address.find('>'))},
                        {"GIT_COMMITTER_DATE", "@" + std::to_string(step.at) + " +0000"}}));
}

void remove_left_locks(const filesystem::path& staging) {
  constexpr std::uint64_t k_largest_step = std::uint64_t{1} << 20U;
  const auto marker = fs::status(staging / k_marker);
  const auto bytes = fs::read_file(staging / "step", k_largest_step);
  if (!marker || !bytes) {
    return;
  }
  const StateStep step = decode_state_step(as_text(*bytes));
  const filesystem::path common = step.common_directory;
  for (const StateStep::Reference& branch : step.branches) {
    if (branch.before == branch.after) {
      continue;
    }
    remove_left_lock(common / (branch.name + ".lock"), marker->mtime_ns);
    if (!branch.before || !branch.after) {
      remove_left_lock(common / "packed-refs.lock", marker->mtime_ns);
    }
  }
}

} // namespace savepoint::git
