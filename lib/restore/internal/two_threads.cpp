#include "restore/internal/two_threads.hpp"

#include <algorithm>
#include <atomic>
#include <future>

namespace savepoint::restore {

void in_two_threads(
    std::size_t count, std::size_t block_size,
    const std::function<void(unsigned thread, std::size_t begin, std::size_t end)>& work) {
  std::atomic<std::size_t> next = 0;
  struct StopAtEnd {
    std::atomic<std::size_t>* next;
    std::size_t count;
    ~StopAtEnd() { next->store(count); }
  };
  const auto run = [&](unsigned thread) {
    const StopAtEnd stop{&next, count}; // whoever ends, by an error or not, ends the other
    for (std::size_t begin = 0; (begin = next.fetch_add(block_size)) < count;) {
      work(thread, begin, std::min(begin + block_size, count));
    }
  };
  if (count <= block_size) {
    run(0);
    return;
  }
  std::future<void> other = std::async(std::launch::async, run, 1U);
  run(0);
  other.get();
}

} // namespace savepoint::restore
