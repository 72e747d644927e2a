#include "fs/files.hpp"

#include "base/error.hpp"
#include "fs/internal/open.hpp"

#include <fcntl.h>
#include <sys/mman.h>

namespace savepoint::fs {
namespace {

void unmap(ByteView view) noexcept {
  if (!view.empty()) {
    (void)munmap(const_cast<std::byte*>(view.data()), view.size());
  }
}

} // namespace

std::optional<MappedFile> MappedFile::open(const std::filesystem::path& path) {
  const Attempt<Descriptor> file =
      internal::open_at(AT_FDCWD, path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!file) {
    if (file.error_number == ENOENT || file.error_number == ENOTDIR) {
      return std::nullopt;
    }
    throw_io_error(file.error_number, "open", path.native());
  }
  const auto size = static_cast<std::size_t>(status_of(*file.value).size);
  if (size == 0) {
    return std::nullopt;
  }
  void* const start = mmap(nullptr, size, PROT_READ, MAP_SHARED, file.value->number(), 0);
  if (start == MAP_FAILED) {
    throw_io_error(errno, "map", path.native());
  }
  return MappedFile(ByteView(static_cast<const std::byte*>(start), size));
}

MappedFile::~MappedFile() {
  unmap(view_);
}

MappedFile::MappedFile(MappedFile&& other) noexcept : view_(std::exchange(other.view_, {})) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  if (this != &other) {
    unmap(view_);
    view_ = std::exchange(other.view_, {});
  }
  return *this;
}

} // namespace savepoint::fs
