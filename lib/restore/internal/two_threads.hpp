#pragma once

#include <cstddef>
#include <functional>

namespace savepoint::restore {

/// Does `work(thread, begin, end)` for blocks of [0, count) on two threads, 0 and 1, until all is
/// done or one of them throws; throws that on. Blocks are runs of neighbours, because neighbours
/// lie together in a store.
void in_two_threads(
    std::size_t count, std::size_t block_size,
    const std::function<void(unsigned thread, std::size_t begin, std::size_t end)>& work);

} // namespace savepoint::restore
