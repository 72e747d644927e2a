#include "restore/internal/directories.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "fs/tree_writer.hpp"
#include "restore/internal/paths.hpp"

namespace savepoint::restore {

const fs::Descriptor* Directories::find(std::string_view path) {
  if (path.empty()) {
    return root_;
  }
  if (!current_ || current_->path != path) {
    current_.reset();
    current_ = {.path = std::string(path), .descriptor = fs::open_beneath(*root_, path)};
  }
  return current_->descriptor ? &*current_->descriptor : nullptr;
}

const fs::Descriptor* Directories::find_parent(std::string_view path) {
  return find(parent_of(path));
}

const fs::Descriptor& Directories::at(std::string_view path) {
  const fs::Descriptor* directory = find(path);
  if (directory == nullptr) {
    throw BusyError("the directory " + quoted(path) + " went away during the restore",
                    "stop what changes the project, then try again");
  }
  return *directory;
}

} // namespace savepoint::restore
