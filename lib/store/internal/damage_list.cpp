#include "store/internal/damage_list.hpp"

#include "base/error.hpp"
#include "fs/files.hpp"

#include <algorithm>

namespace savepoint::store {

std::vector<hash::Digest> read_damage_list(const Layout& layout) {
  std::vector<hash::Digest> packs;
  std::optional<Bytes> text;
  try {
    text = fs::read_file(layout.damage_list());
  } catch (const IoError&) { // then nobody looked
    return packs;
  }
  std::string_view left = text ? as_text(*text) : std::string_view();
  while (!left.empty()) {
    const std::size_t end = std::min(left.find('\n'), left.size());
    if (const auto pack = hash::Digest::from_hex(left.substr(0, end))) {
      packs.push_back(*pack);
    }
    left.remove_prefix(std::min(end + 1, left.size()));
  }
  return packs;
}

void write_damage_list(const Layout& layout, const std::vector<hash::Digest>& packs) {
  if (packs.empty()) {
    fs::remove_file(layout.damage_list());
    return;
  }
  std::string text;
  for (const hash::Digest& pack : packs) {
    text += pack.hex() + "\n";
  }
  fs::AtomicFile file(layout.damage_list());
  file.write(as_bytes(text));
  file.commit();
}

} // namespace savepoint::store
