#pragma once

#include "store/internal/store_state.hpp"

#include <filesystem>
#include <string>

namespace savepoint::store {

/// The store's trash/: files on their way out, moved there by a rename, so that each is in its
/// place or out of it, and deleted later.
///
/// Requires a store opened exclusively.
class Trash {
public:
  explicit Trash(const Layout& layout) : layout_(&layout) {}

  /// Takes `file`, if it is there, under the name `name`. It is deleted at once where there is no
  /// room even for a name. The caller syncs the directory that it was in.
  void take(const std::filesystem::path& file, const std::string& name) const;
  /// Deletes what is in the trash.
  void empty() const;

private:
  const Layout* layout_;
};

/// Removes what dead processes left: the trash, temporary files, and scratch directories.
///
/// Requires a store opened exclusively.
void sweep_leftovers(Store::State& state);

/// Removes the caches, but for the list of damaged packs: what is in them is stored anew.
void empty_cache(const Layout& layout);

/// Removes whatever costs nothing but time to make again, for when there is no space left.
void make_room(Store::State& state);

} // namespace savepoint::store
