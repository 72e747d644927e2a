#include "fs/tree_writer.hpp"
#include "fuzz/promise.hpp"
#include "fuzz/targets.hpp"
#include "fuzz/targets/pieces.hpp"
#include "store/tree.hpp"

namespace savepoint::fuzz {

void fuzz_hard_links(ByteView bytes) {
  unless_refused([&] {
    for (const std::vector<std::string>& group :
         store::get_hard_links(Pieces(bytes), hash::Digest{})) {
      promise(group.size() >= 2, "a link has two names");
      for (const std::string& path : group) {
        promise(fs::is_safe_path(path), "no path leads out of the project");
      }
    }
  });
}

} // namespace savepoint::fuzz
