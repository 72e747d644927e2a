#pragma once

#include "hash/digest.hpp"
#include "store/internal/layout.hpp"

#include <vector>

namespace savepoint::store {

/// The packs that were found damaged; none if nobody looked. It is a cache: what is wrong in it is
/// passed over.
[[nodiscard]] std::vector<hash::Digest> read_damage_list(const Layout& layout);
/// Replaces the list; without packs there is none.
void write_damage_list(const Layout& layout, const std::vector<hash::Digest>& packs);

} // namespace savepoint::store
