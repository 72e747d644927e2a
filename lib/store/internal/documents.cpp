#include "store/internal/documents.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "fs/files.hpp"
#include "fs/status.hpp"
#include "store/internal/store_state.hpp"

#include <cerrno>

namespace savepoint::store {

// A document that the disk no longer gives is damaged; one that we may not read now is not.
std::optional<Bytes> read_document(const Layout& layout, const std::filesystem::path& path) {
  try {
    return fs::read_file(path);
  } catch (const IoError& error) {
    switch (error.error_number()) {
    case 0:
    case EIO:
    case EUCLEAN:
    case EISDIR:
    case ELOOP:
      throw CorruptionError(quoted(layout.below_root(path)) + " cannot be read: " + error.what());
    default:
      throw;
    }
  }
}

void write_document(Store::State& state, const std::filesystem::path& path, std::string_view text) {
  if (!fs::status(path.parent_path())) {
    fs::make_directories(path.parent_path());
  }
  fs::AtomicFile file(state.scratch.path() / path.filename());
  file.write(as_bytes(text));
  file.commit_as(path, fs::AtomicFile::SyncDirectory::yes);
}

std::optional<manifest::Manifest> read_manifest(const Layout& layout, const SnapshotId& id) {
  const std::filesystem::path path = layout.manifest(id);
  const std::optional<Bytes> text = read_document(layout, path);
  if (!text) {
    return std::nullopt;
  }
  const std::string what = layout.below_root(path);
  manifest::Manifest manifest = manifest::parse(as_text(*text), what);
  if (manifest.id != id) {
    throw CorruptionError(quoted(what) + " is the manifest of another snapshot");
  }
  return manifest;
}

std::optional<manifest::Marks> read_marks(const Layout& layout, const SnapshotId& id) {
  const std::filesystem::path path = layout.marks(id);
  const std::optional<Bytes> text = read_document(layout, path);
  if (!text) {
    return std::nullopt;
  }
  return manifest::parse_marks(as_text(*text), layout.below_root(path));
}

} // namespace savepoint::store
