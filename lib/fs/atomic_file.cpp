#include "fs/files.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "fs/directories.hpp"
#include "fs/internal/linux.hpp"
#include "fs/internal/open.hpp"
#include "fs/internal/portable.hpp"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace savepoint::fs {
namespace {

constexpr mode_t k_private = 0600;

} // namespace

AtomicFile::AtomicFile(std::filesystem::path path) : path_(std::move(path)) {
  int error_number = EEXIST;
  while (error_number == EEXIST) {
    temporary_ = path_.parent_path() / internal::temporary_name();
    Attempt<Descriptor> file = internal::open_at(AT_FDCWD, temporary_.c_str(),
                                                 O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, k_private);
    error_number = file.error_number;
    if (file) {
      file_ = std::move(*file.value);
      give_to_owner_of(path_.parent_path(), file_);
      return;
    }
  }
  throw_io_error(error_number, "create", path_.native());
}

AtomicFile::~AtomicFile() {
  abandon();
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_(std::move(other.path_)), temporary_(std::exchange(other.temporary_, {})),
      file_(std::move(other.file_)), failure_(std::move(other.failure_)), size_(other.size_),
      synced_(other.synced_) {}

AtomicFile& AtomicFile::operator=(AtomicFile&& other) noexcept {
  if (this != &other) {
    abandon();
    path_ = std::move(other.path_);
    temporary_ = std::exchange(other.temporary_, {});
    file_ = std::move(other.file_);
    failure_ = std::move(other.failure_);
    size_ = other.size_;
    synced_ = other.synced_;
  }
  return *this;
}

void AtomicFile::require_open() const {
  if (failure_) {
    std::rethrow_exception(failure_); // who comes later, on another thread, shall hear why too
  }
  if (!file_.is_open()) {
    throw IoError("cannot write " + quoted(path_.native()) + ": an earlier step failed");
  }
}

void AtomicFile::write(ByteView bytes) {
  require_open();
  try {
    write_all(file_, bytes, path_);
  } catch (const Error&) {
    failure_ = std::current_exception();
    abandon();
    throw;
  }
  size_ += bytes.size();
  synced_ = false;
}

void AtomicFile::set_mode(std::uint32_t mode) {
  require_open();
  if (fchmod(file_.number(), mode) != 0) {
    throw_io_error(errno, "set the permissions of", path_.native());
  }
}

void AtomicFile::start_writeback() noexcept {
  if (file_.is_open()) {
    internal::start_writeback_of(file_.number());
  }
}

void AtomicFile::sync() {
  require_open();
  // A second fsync would say yes although the first one lost the pages: the file is given up.
  if (const int error_number = internal::sync(file_); error_number != 0) {
    abandon();
    throw_io_error(error_number, "make durable", path_.native());
  }
  synced_ = true;
}

void AtomicFile::commit_as(const std::filesystem::path& path, SyncDirectory sync_directory) {
  require_open();
  if (!synced_) {
    sync();
  }
  appear_as(path);
  if (sync_directory == SyncDirectory::yes) {
    fs::sync_directory(path.parent_path());
  }
}

void AtomicFile::commit_unsynced() {
  require_open();
  appear_as(path_);
}

void AtomicFile::appear_as(const std::filesystem::path& path) {
  int error_number = file_.close_checked();
  if (error_number == 0 && rename(temporary_.c_str(), path.c_str()) != 0) {
    error_number = errno;
  }
  if (error_number != 0) {
    abandon();
    throw_io_error(error_number, "write", path.native());
  }
  temporary_.clear();
}

void AtomicFile::abandon() noexcept {
  file_.close();
  if (!temporary_.empty()) {
    (void)unlink(temporary_.c_str());
    temporary_.clear();
  }
}

} // namespace savepoint::fs
