#include "store/tree.hpp"
#include "fs/tree_writer.hpp"
#include "fuzz/promise.hpp"
#include "fuzz/targets.hpp"
#include "fuzz/targets/pieces.hpp"
#include "store/tree_diff.hpp"

#include <algorithm>

namespace savepoint::fuzz {

void fuzz_tree(ByteView bytes) {
  unless_refused([&] {
    const store::Tree tree = store::decode_tree(bytes);
    promise(std::ranges::equal(store::encode(tree), bytes), "a tree has one encoding");
    for (const store::TreeEntry& entry : tree.entries) {
      promise(fs::is_component(entry.name), "a name is one component");
    }
  });
  unless_refused([&] {
    store::walk_tree(Pieces(bytes), hash::Digest{}, [](const std::string& path, const auto&, auto) {
      promise(fs::is_safe_path(path), "no path leads out of the project");
    });
  });
}

} // namespace savepoint::fuzz
