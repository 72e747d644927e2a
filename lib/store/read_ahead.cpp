#include "store/read_ahead.hpp"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace savepoint::store {
namespace {

constexpr std::size_t k_block = std::size_t{256} << 10U; // small pieces are handed over together
constexpr std::size_t k_most_blocks = 16;

/// Blocks on their way from the thread that reads to the one that takes them.
class Belt {
public:
  /// Returns false if nobody takes anything any more.
  bool put(Bytes&& block) {
    std::unique_lock guard(mutex_);
    changed_.wait(guard, [this] { return given_up_ || blocks_.size() < k_most_blocks; });
    if (given_up_) {
      return false;
    }
    blocks_.push_back(std::move(block));
    guard.unlock();
    changed_.notify_all();
    return true;
  }

  void end(std::exception_ptr error) {
    {
      const std::lock_guard guard(mutex_);
      error_ = std::move(error);
      ended_ = true;
    }
    changed_.notify_all();
  }

  void give_up() {
    {
      const std::lock_guard guard(mutex_);
      given_up_ = true;
    }
    changed_.notify_all();
  }

  /// An empty block at the end. Throws what the reader threw, once all that came before is taken.
  Bytes take() {
    std::unique_lock guard(mutex_);
    changed_.wait(guard, [this] { return ended_ || !blocks_.empty(); });
    if (blocks_.empty()) {
      if (error_) {
        std::rethrow_exception(error_);
      }
      return {};
    }
    Bytes block = std::move(blocks_.front());
    blocks_.pop_front();
    guard.unlock();
    changed_.notify_all();
    return block;
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Bytes> blocks_;
  std::exception_ptr error_;
  bool ended_ = false;
  bool given_up_ = false;
};

struct GivenUp {};

void fill(Belt& belt, const ChunkSource& source, const manifest::Content& content) {
  std::exception_ptr error;
  try {
    Bytes block;
    const auto hand_over = [&] {
      if (!belt.put(std::exchange(block, {}))) {
        throw GivenUp();
      }
    };
    read_filled(source, content, [&](ByteView bytes) {
      block.insert(block.end(), bytes.begin(), bytes.end());
      if (block.size() >= k_block) {
        hand_over();
      }
    });
    if (!block.empty()) {
      hand_over();
    }
  } catch (const GivenUp&) { // NOLINT(bugprone-empty-catch): whoever gave up knows why
  } catch (...) {
    error = std::current_exception();
  }
  belt.end(std::move(error));
}

} // namespace

void read_ahead(const ChunkSource& source, const manifest::Content& content,
                const std::function<void(ByteView)>& visit) {
  if (content.size <= k_block) {
    read_filled(source, content, visit);
    return;
  }
  Belt belt;
  std::thread reader;
  try {
    reader = std::thread([&] { fill(belt, source, content); });
  } catch (const std::system_error&) { // no thread to be had: one after the other, then
    read_filled(source, content, visit);
    return;
  }
  try {
    for (Bytes block = belt.take(); !block.empty(); block = belt.take()) {
      visit(block);
    }
  } catch (...) {
    belt.give_up();
    reader.join();
    throw;
  }
  reader.join();
}

} // namespace savepoint::store
