#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/printable.hpp"
#include "fs/files.hpp"
#include "fs/status.hpp"
#include "hooks/installation.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace savepoint::hooks {
namespace {

namespace filesystem = std::filesystem;

void make_directory_for(const filesystem::path& path) {
  std::error_code trouble;
  // Unlike ours, these directories are as readable as the rest of the repository.
  filesystem::create_directories(path.parent_path(), trouble);
  if (trouble) {
    throw_io_error(trouble.value(), "make the directory", path.parent_path().string());
  }
}

void require_unchanged(const Edit& edit) {
  const filesystem::path& path = edit.kind == Edit::Kind::move ? edit.to : edit.path;
  if (edit.before && as_text(fs::read_file(path).value_or(Bytes())) != *edit.before) {
    throw BusyError("cannot change " + quoted(path.string()) +
                        ": somebody else changed it meanwhile",
                    "try again");
  }
}

void write(const Edit& edit) {
  make_directory_for(edit.path);
  require_unchanged(edit);
  fs::AtomicFile file(edit.path);
  file.write(as_bytes(edit.content));
  file.set_mode(edit.mode);
  file.commit();
}

/// The lock of one of git's files, as git itself takes it: FILE.lock, renamed to FILE in the end.
class GitLock {
public:
  explicit GitLock(const filesystem::path& path)
      : path_(path), lock_(path.string() + ".lock"),
        file_(open(lock_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666)) {
    if (file_.number() < 0) {
      if (errno == EEXIST) {
        throw BusyError("cannot lock " + quoted(path_.string()) + ": " + quoted(lock_.string()) +
                            " is there",
                        "try again when no other git command runs");
      }
      throw_io_error(errno, "lock", path_.string());
    }
    is_held_ = true;
  }
  ~GitLock() {
    if (is_held_) {
      unlink(lock_.c_str());
    }
  }
  GitLock(const GitLock&) = delete;
  GitLock& operator=(const GitLock&) = delete;

  void commit(const Edit& edit) {
    fs::write_all(file_, as_bytes(edit.content), lock_);
    const std::optional<fs::FileStatus> before = fs::status(path_);
    if ((before && fchmod(file_.number(), before->mode) != 0) || fsync(file_.number()) != 0) {
      throw_io_error(errno, "write", lock_.string());
    }
    if (rename(lock_.c_str(), path_.c_str()) != 0) {
      throw_io_error(errno, "replace", path_.string());
    }
    is_held_ = false;
    fs::sync_directory(path_.parent_path());
  }

private:
  filesystem::path path_;
  filesystem::path lock_;
  fs::Descriptor file_;
  bool is_held_ = false;
};

void set(const Edit& edit) {
  GitLock lock(edit.path);
  require_unchanged(edit);
  lock.commit(edit);
}

void link(const Edit& edit) {
  if (::link(edit.path.c_str(), edit.to.c_str()) == 0) {
    return;
  }
  // Where there are no second names, the hook has none for a moment.
  if (errno == EEXIST || fs::status(edit.to) || rename(edit.path.c_str(), edit.to.c_str()) != 0) {
    throw_io_error(errno, "move aside", edit.path.string());
  }
}

void make_symlink(const Edit& edit) {
  make_directory_for(edit.to);
  if (::symlink(edit.content.c_str(), edit.to.c_str()) != 0) {
    throw_io_error(errno, "make the symlink", edit.to.string());
  }
}

void move(const Edit& edit) {
  require_unchanged(edit);
  if (rename(edit.path.c_str(), edit.to.c_str()) != 0) {
    throw_io_error(errno, "rename", edit.path.string());
  }
  fs::sync_directory(edit.to.parent_path());
}

void remove(const Edit& edit) {
  const std::optional<fs::FileStatus> status = fs::status(edit.path);
  if (!status) {
    return;
  }
  if (status->kind == fs::FileKind::directory) {
    if (rmdir(edit.path.c_str()) != 0 && errno != ENOTEMPTY && errno != EEXIST) {
      throw_io_error(errno, "remove", edit.path.string());
    }
    return;
  }
  require_unchanged(edit);
  static_cast<void>(fs::remove_file(edit.path));
}

} // namespace

void apply(const Plan& plan) {
  for (const Edit& edit : plan.edits) {
    switch (edit.kind) {
    case Edit::Kind::write:
      write(edit);
      break;
    case Edit::Kind::set:
      set(edit);
      break;
    case Edit::Kind::link:
      link(edit);
      break;
    case Edit::Kind::symlink:
      make_symlink(edit);
      break;
    case Edit::Kind::move:
      move(edit);
      break;
    case Edit::Kind::remove:
      remove(edit);
      break;
    }
  }
}

} // namespace savepoint::hooks
