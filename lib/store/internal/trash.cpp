#include "store/internal/trash.hpp"

#include "base/error.hpp"
#include "fs/files.hpp"
#include "fs/status.hpp"

#include <cerrno>
#include <system_error>

namespace savepoint::store {
namespace {

void remove_temporaries(const std::filesystem::path& directory) {
  for (const std::string& name : fs::list_names(directory)) {
    if (name.starts_with(fs::k_temporary_prefix)) {
      fs::remove_file(directory / name);
    }
  }
}

} // namespace

void Trash::take(const std::filesystem::path& file, const std::string& name) const {
  std::error_code error;
  try {
    fs::make_directories(layout_->trash());
    std::filesystem::rename(file, layout_->trash() / name, error);
  } catch (const BusyError&) {
    error = std::make_error_code(std::errc::no_space_on_device);
  }
  if (!error || error.value() == ENOENT) {
    return;
  }
  if (error.value() != ENOSPC && error.value() != EDQUOT) {
    throw_io_error(error.value(), "move into the trash", layout_->below_root(file));
  }
  fs::remove_file(file);
}

void Trash::empty() const {
  for (const std::string& name : fs::list_names(layout_->trash())) {
    fs::remove_tree(layout_->trash() / name);
  }
}

void sweep_leftovers(Store::State& state) {
  const Layout& layout = state.layout;
  Trash(layout).empty();
  for (const std::filesystem::path& directory :
       {layout.root(), layout.manifests(), layout.marks(), layout.cache(), layout.log()}) {
    remove_temporaries(directory);
  }
  for (const std::string& shard : fs::list_names(layout.packs())) {
    const std::filesystem::path directory = layout.packs() / shard;
    const std::optional<fs::FileStatus> status = fs::status(directory);
    if (status && status->kind == fs::FileKind::directory) {
      remove_temporaries(directory);
    }
  }
  if (!fs::list_names(layout.scratch()).empty()) {
    try {
      static_cast<void>(state.scratch.path()); // sweeps what no process holds any more
    } catch (const BusyError&) { // NOLINT(bugprone-empty-catch): no space for one of our own
    }
  }
}

void make_room(Store::State& state) {
  sweep_leftovers(state);
  empty_cache(state.layout);
}

void empty_cache(const Layout& layout) {
  for (const std::string& name : fs::list_names(layout.cache())) {
    if (layout.cache() / name != layout.damage_list()) {
      fs::remove_tree(layout.cache() / name);
    }
  }
}

} // namespace savepoint::store
