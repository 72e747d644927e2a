#include "store/read_ahead.hpp"

#include "store/internal/extent_reader.hpp"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace savepoint::store {
namespace {

// As large as the largest frame: two threads that read neighbours seldom want the same one.
constexpr std::uint64_t k_block = std::uint64_t{1} << 20U;
constexpr std::uint64_t k_most_blocks = 4;
constexpr std::size_t k_readers = 2;

/// Extents that are read in one go: some k_block bytes of a content.
using Run = std::vector<Extent>;

/// Cuts a content into runs.
class RunCursor {
public:
  RunCursor(const ChunkSource& source, const manifest::Content& content)
      : extents_(source, content) {}

  /// An empty one at the end.
  Run next() {
    Run run;
    for (std::uint64_t size = 0; size < k_block;) {
      if (!rest_ && !(rest_ = extents_.next())) {
        break;
      }
      Extent extent = *rest_;
      if (!extent.chunk) {
        extent.length = std::min(extent.length, k_block - size); // holes can be of any length
      }
      rest_->offset += extent.length;
      rest_->length -= extent.length;
      if (rest_->length == 0) {
        rest_.reset();
      }
      size += extent.length;
      run.push_back(extent);
    }
    return run;
  }

private:
  ExtentCursor extents_;
  std::optional<Extent> rest_;
};

/// Blocks on their way from the threads that read to the one that takes them, in order.
class Belt {
public:
  Belt(const ChunkSource& source, const manifest::Content& content)
      : source_(&source), content_(&content), runs_(source, content) {}

  /// What a thread that reads does.
  void read() {
    ExtentReader reader(*source_, *content_);
    while (const auto order = next_order()) {
      Block block;
      try {
        block.bytes = filled(reader, order->run);
      } catch (...) {
        block.error = std::current_exception();
      }
      put(order->number, std::move(block));
    }
  }

  void give_up() {
    {
      const std::lock_guard guard(mutex_);
      is_over_ = true;
    }
    changed_.notify_all();
  }

  /// An empty block at the end. Throws what a reader threw, once all that came before is taken.
  Bytes take() {
    std::unique_lock guard(mutex_);
    changed_.wait(guard, [this] { return blocks_.contains(taken_) || is_at_end(); });
    if (!blocks_.contains(taken_)) {
      return {};
    }
    Block block = std::move(blocks_.extract(taken_).mapped());
    ++taken_;
    guard.unlock();
    changed_.notify_all();
    if (block.error) {
      std::rethrow_exception(block.error);
    }
    return std::move(block.bytes);
  }

private:
  struct Block {
    Bytes bytes;
    std::exception_ptr error;
  };
  struct Order {
    std::uint64_t number;
    Run run;
  };

  [[nodiscard]] bool is_at_end() const { return is_over_ && taken_ == ordered_; }

  /// The next run to be read; nothing once there is no more, or nobody wants more.
  std::optional<Order> next_order() {
    std::unique_lock guard(mutex_);
    changed_.wait(guard, [this] { return is_over_ || ordered_ - taken_ < k_most_blocks; });
    if (is_over_) {
      return std::nullopt;
    }
    try {
      Run run = runs_.next();
      if (!run.empty()) {
        return Order{ordered_++, std::move(run)};
      }
    } catch (...) { // a damaged list
      blocks_[ordered_++].error = std::current_exception();
    }
    is_over_ = true;
    guard.unlock();
    changed_.notify_all();
    return std::nullopt;
  }

  void put(std::uint64_t number, Block&& block) {
    {
      const std::lock_guard guard(mutex_);
      is_over_ = is_over_ || block.error;
      blocks_[number] = std::move(block);
    }
    changed_.notify_all();
  }

  static Bytes filled(ExtentReader& reader, const Run& run) {
    Bytes block;
    block.reserve(k_block);
    for (const Extent& extent : run) {
      if (extent.chunk) {
        const ByteView bytes = reader.read(extent);
        block.insert(block.end(), bytes.begin(), bytes.end());
      } else {
        block.resize(block.size() + static_cast<std::size_t>(extent.length));
      }
    }
    return block;
  }

  const ChunkSource* source_;
  const manifest::Content* content_;
  std::mutex mutex_;
  std::condition_variable changed_;
  RunCursor runs_;
  std::map<std::uint64_t, Block> blocks_;
  std::uint64_t ordered_ = 0; ///< So many runs were given to readers.
  std::uint64_t taken_ = 0;
  bool is_over_ = false; ///< Nothing more is to be read.
};

/// Threads that read; ends with them.
class Readers {
public:
  explicit Readers(Belt& belt) : belt_(&belt) {
    try {
      for (std::thread& thread : threads_) {
        thread = std::thread([&belt] { belt.read(); });
      }
    } catch (const std::system_error&) { // one is enough
      if (!threads_.front().joinable()) {
        throw;
      }
    }
  }
  ~Readers() {
    belt_->give_up();
    for (std::thread& thread : threads_) {
      if (thread.joinable()) {
        thread.join();
      }
    }
  }
  Readers(const Readers&) = delete;
  Readers& operator=(const Readers&) = delete;

private:
  Belt* belt_;
  std::array<std::thread, k_readers> threads_;
};

} // namespace

void read_ahead(const ChunkSource& source, const manifest::Content& content,
                const std::function<void(ByteView)>& visit) {
  if (content.size <= k_block) {
    read_filled(source, content, visit);
    return;
  }
  Belt belt(source, content);
  std::optional<Readers> readers;
  try {
    readers.emplace(belt);
  } catch (const std::system_error&) { // no thread to be had: one after the other, then
    read_filled(source, content, visit);
    return;
  }
  for (Bytes block = belt.take(); !block.empty(); block = belt.take()) {
    visit(block);
  }
}

} // namespace savepoint::store
