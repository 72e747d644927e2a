#include "store/restores.hpp"

#include "base/error.hpp"
#include "store/internal/documents.hpp"
#include "store/internal/restores_document.hpp"
#include "store/internal/store_state.hpp"

#include <algorithm>

namespace savepoint::store {
namespace {

constexpr std::size_t k_longest_list = 64;

std::filesystem::path path_of(const Layout& layout, const WorkTree& tree) {
  return layout.restores(digest_of(tree));
}

/// What a damaged list said is in the marks of the safety snapshots as well, just not whose they
/// are; `verify` names it.
std::vector<PastRestore> readable(const Layout& layout, const std::filesystem::path& path) {
  try {
    return read_restores(layout, path);
  } catch (const CorruptionError&) {
    return {};
  } catch (const NotFoundError&) {
    return {}; // of a newer version
  }
}

} // namespace

std::vector<PastRestore> find_restores(const Store& store, const WorkTree& tree) {
  const Layout& layout = store.state().layout;
  return readable(layout, path_of(layout, tree));
}

std::set<SnapshotId> restores_of_others(const Store& store, const WorkTree& tree) {
  const Layout& layout = store.state().layout;
  std::set<SnapshotId> others;
  for (const std::filesystem::path& path : layout.list_restores()) {
    if (path == path_of(layout, tree)) {
      continue;
    }
    for (const PastRestore& restore : readable(layout, path)) {
      others.insert(restore.safety);
    }
  }
  return others;
}

void add_restore(Store& store, const WorkTree& tree, const PastRestore& restore) {
  Store::State& state = store.state();
  state.header.require(Operation::write);
  std::vector<PastRestore> restores = find_restores(store, tree);
  std::erase_if(restores, [&](const PastRestore& one) { return one.safety == restore.safety; });
  restores.insert(restores.begin(), restore);
  restores.resize(std::min(restores.size(), k_longest_list), restore);
  write_document(state, path_of(state.layout, tree), print_restores(restores));
}

void remove_restore(Store& store, const WorkTree& tree, const SnapshotId& safety) {
  Store::State& state = store.state();
  state.header.require(Operation::write);
  std::vector<PastRestore> restores = find_restores(store, tree);
  if (std::erase_if(restores, [&](const PastRestore& one) { return one.safety == safety; }) > 0) {
    write_document(state, path_of(state.layout, tree), print_restores(restores));
  }
}

} // namespace savepoint::store
