#include "fs/files.hpp"

#include "base/error.hpp"
#include "fs/internal/portable.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace savepoint::fs {
namespace {

/// Removes what is below a directory. Each level holds a descriptor and a part of the stack, so
/// what lies deeper than `k_deepest` is moved up to the top and removed from there.
class Remover {
public:
  Remover(const Descriptor& top, const std::filesystem::path& path) : top_(&top), path_(&path) {}

  void run() { empty(*top_, 0); }

private:
  static constexpr int k_deepest = 64;

  void empty(const Descriptor& directory, int depth) {
    make_writable(directory);
    for (const DirectoryEntry& entry : entries_of(directory)) {
      remove(directory, entry, depth);
    }
    // What was moved up while the entries above were removed.
    while (depth == 0 && !moved_up_.empty()) {
      const std::string name = std::move(moved_up_.back());
      moved_up_.pop_back();
      remove(directory, {name, FileKind::directory}, depth);
    }
  }

  void remove(const Descriptor& directory, const DirectoryEntry& entry, int depth) {
    const char* const name = entry.name.c_str();
    if (!is_directory(directory, entry)) {
      require(unlinkat(directory.number(), name, 0), entry.name);
      return;
    }
    if (depth == k_deepest) {
      std::string moved = internal::temporary_name();
      require(renameat(directory.number(), name, top_->number(), moved.c_str()), entry.name);
      moved_up_.push_back(std::move(moved));
      return;
    }
    Attempt<Descriptor> child = try_open_directory_at(directory.number(), name);
    if (!child && child.error_number == EACCES &&
        fchmodat(directory.number(), name, S_IRWXU, AT_SYMLINK_NOFOLLOW) == 0) {
      child = try_open_directory_at(directory.number(), name);
    }
    if (!child) {
      fail(child.error_number, entry.name);
    }
    empty(*child.value, depth + 1);
    require(unlinkat(directory.number(), name, AT_REMOVEDIR), entry.name);
  }

  [[nodiscard]] bool is_directory(const Descriptor& directory, const DirectoryEntry& entry) const {
    if (entry.kind) {
      return *entry.kind == FileKind::directory;
    }
    const Attempt<FileStatus> status = try_status_at(directory.number(), entry.name.c_str());
    return status && status.value->kind == FileKind::directory;
  }

  [[nodiscard]] std::vector<DirectoryEntry> entries_of(const Descriptor& directory) const {
    Attempt<std::vector<DirectoryEntry>> entries = try_list(directory);
    if (!entries) {
      fail(entries.error_number, {});
    }
    return std::move(*entries.value);
  }

  static void make_writable(const Descriptor& directory) {
    if ((status_of(directory).mode & S_IRWXU) != S_IRWXU) {
      (void)fchmod(directory.number(), S_IRWXU);
    }
  }

  void require(int result, const std::string& name) const {
    if (result != 0 && errno != ENOENT) {
      fail(errno, name);
    }
  }

  [[noreturn]] void fail(int error_number, const std::string& name) const {
    throw_io_error(error_number, name.empty() ? "list" : "remove",
                   name.empty() ? path_->native() : (*path_ / name).native());
  }

  const Descriptor* top_;
  const std::filesystem::path* path_;
  std::vector<std::string> moved_up_;
};

} // namespace

void remove_tree(const std::filesystem::path& path) {
  const std::optional<FileStatus> found = fs::status(path);
  if (!found) {
    return;
  }
  if (found->kind != FileKind::directory) {
    (void)remove_file(path);
    return;
  }
  Attempt<Descriptor> directory = try_open_directory_at(AT_FDCWD, path.c_str());
  if (!directory && directory.error_number == EACCES &&
      fchmodat(AT_FDCWD, path.c_str(), S_IRWXU, AT_SYMLINK_NOFOLLOW) == 0) {
    directory = try_open_directory_at(AT_FDCWD, path.c_str());
  }
  if (!directory) {
    throw_io_error(directory.error_number, "remove", path.native());
  }
  Remover(*directory.value, path).run();
  if (rmdir(path.c_str()) != 0 && errno != ENOENT) {
    throw_io_error(errno, "remove", path.native());
  }
}

} // namespace savepoint::fs
