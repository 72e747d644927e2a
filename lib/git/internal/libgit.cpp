#include "git/internal/libgit.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"

#include <algorithm>
#include <array>

namespace savepoint::git {
namespace {

std::optional<std::filesystem::path> search_path(git_config_level_t level) {
  start_libgit();
  git_buf buffer = GIT_BUF_INIT;
  std::optional<std::filesystem::path> result;
  if (git_libgit2_opts(GIT_OPT_GET_SEARCH_PATH, level, &buffer) == 0 && buffer.size > 0) {
    const std::string paths(buffer.ptr, buffer.size);
    result = paths.substr(0, paths.find(GIT_PATH_LIST_SEPARATOR));
  }
  git_buf_dispose(&buffer);
  return result;
}

int start() {
  const int started = git_libgit2_init();
  if (started < 0) {
    return started;
  }
  // These do not change what we read, or we see to it: LibgitBackend.
  std::array<const char*, 3> extensions{"worktreeconfig", "partialclone", "preciousobjects"};
  const int accepted =
      git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, extensions.data(), extensions.size());
  // A setting that was written shall outlive a power cut.
  const int synced = git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1);
  return std::min(accepted, synced);
}

} // namespace

void start_libgit() {
  // Never shut down: other parts of the program may use libgit2 as well.
  static const int started = start();
  if (started < 0) {
    throw IoError("cannot start libgit2: " + libgit_complaint());
  }
}

std::string libgit_complaint() {
  const git_error* const error = git_error_last();
  return error != nullptr && error->message != nullptr ? printable(error->message)
                                                       : "no reason given";
}

void check_libgit(int code, const std::string& action) {
  if (code < 0) {
    throw IoError("cannot " + action + ": " + libgit_complaint());
  }
}

std::optional<std::filesystem::path> home_directory() {
  return search_path(GIT_CONFIG_LEVEL_GLOBAL);
}

std::optional<std::filesystem::path> user_config_directory() {
  return search_path(GIT_CONFIG_LEVEL_XDG);
}

} // namespace savepoint::git
