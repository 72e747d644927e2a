#include "drivers/sqlite/internal/place.hpp"

#include "base/printable.hpp"
#include "fs/files.hpp"
#include "fs/tree_writer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace savepoint::drivers::sqlite {

namespace {

struct Split {
  std::filesystem::path root;
  std::string parent; ///< Below the root; empty for the root itself.
};

/// The root is what is left of the file's path without the path that the project knows it by.
Split split(const database::Target& target) {
  const std::string file = target.file.lexically_normal().native();
  const std::string below = "/" + target.path;
  if (fs::is_safe_path(target.path) && file.size() > below.size() && file.ends_with(below)) {
    const std::size_t slash = target.path.rfind('/');
    return {file.substr(0, file.size() - below.size()),
            slash == std::string::npos ? "" : target.path.substr(0, slash)};
  }
  return {std::filesystem::path(file).parent_path(), ""};
}

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& why) {
  throw RefusedError("cannot restore database " + quoted(file.native()) + ": " + why,
                     "move it out of the way, or restore to another directory with --to");
}

} // namespace

std::filesystem::path resolved(const database::Target& target, std::error_code& failure) {
  const std::filesystem::path root = std::filesystem::canonical(split(target).root, failure);
  if (failure) {
    return {};
  }
  std::filesystem::path file = std::filesystem::canonical(target.file, failure);
  if (!failure &&
      std::mismatch(root.begin(), root.end(), file.begin(), file.end()).first != root.end()) {
    failure = std::error_code(ELOOP, std::generic_category());
  }
  return file;
}

Place::Place(const database::Target& target) : name_(target.file.filename().native()) {
  if (!fs::is_component(name_)) {
    throw_io_error(EINVAL, "restore database", target.file.native());
  }
  const Split where = split(target);
  std::error_code failure;
  std::filesystem::create_directories(where.root, failure);
  const std::filesystem::path root = std::filesystem::canonical(where.root, failure);
  if (failure) {
    throw_io_error(failure.value(), "open directory", where.root.native());
  }
  root_ = fs::open_directory(root);
  directory_path_ = where.parent.empty() ? root : root / where.parent;
  make_directory(where.parent);
  (void)status();
}

Place::~Place() {
  for (auto path = made_.rbegin(); path != made_.rend(); ++path) {
    unlinkat(root_.number(), path->c_str(), AT_REMOVEDIR);
  }
}

void Place::make_directory(const std::string& parent) {
  std::vector<std::string> missing;
  for (std::size_t end = 0; !parent.empty() && end != std::string::npos;) {
    end = parent.find('/', end + 1);
    if (!fs::open_beneath(root_, parent.substr(0, end))) {
      missing.push_back(parent.substr(0, end));
    }
  }
  try {
    directory_ = fs::make_beneath(root_, parent);
  } catch (const IoError& error) {
    if (error.error_number() == ELOOP || error.error_number() == ENOTDIR) {
      refuse(file(), "a directory on its path is a symlink or a file");
    }
    throw;
  }
  made_ = std::move(missing);
}

fs::Descriptor Place::open_again() const {
  return fs::make_beneath(directory_, "");
}

std::optional<fs::FileStatus> Place::status() const {
  const auto status = fs::status_at(directory_.number(), name_.c_str());
  if (status && status->kind == fs::FileKind::symlink) {
    refuse(file(), "it is a symlink");
  }
  if (status && status->kind != fs::FileKind::regular) {
    refuse(file(), "what is there is not a file");
  }
  return status;
}

} // namespace savepoint::drivers::sqlite
