#include "store/internal/pack_assembler.hpp"

#include "fs/files.hpp"

#include <algorithm>
#include <system_error>

namespace savepoint::store {

namespace {

constexpr int k_level = 1; // fast enough for a hook; packs are rewritten when space is reclaimed

} // namespace

PackAssembler::PackAssembler(const Layout& layout, ScratchDirectory& scratch, ReadBase read_base)
    : layout_(&layout), scratch_(&scratch), read_base_(std::move(read_base)) {}

PackAssembler::~PackAssembler() {
  {
    const std::lock_guard guard(queue_mutex_);
    stopping_ = true;
    queue_.clear();
  }
  queue_changed_.notify_all();
  for (std::thread& thread : threads_) {
    thread.join();
  }
}

std::uint32_t PackAssembler::next_number() {
  const std::lock_guard guard(packs_mutex_);
  pack_of_frame_.emplace_back();
  return numbers_++;
}

void PackAssembler::submit(NumberedFrame&& frame, Fill fill) {
  const auto item = std::make_shared<const NumberedFrame>(std::move(frame));
  if (item->frame.kind == ChunkKind::meta) {
    const std::lock_guard guard(packs_mutex_);
    meta_[item->number].raw = item;
  }
  std::unique_lock guard(queue_mutex_);
  queue_changed_.wait(
      guard, [this] { return error_ || queue_.size() < k_most_queued || threads_.empty(); });
  check();
  queue_.push_back(item);
  if (threads_.empty() && (fill == Fill::full || queue_.size() >= k_most_queued)) {
    start_threads();
  }
  const bool nobody_else = threads_.empty() && queue_.size() >= k_most_queued;
  guard.unlock();
  queue_changed_.notify_all();
  if (nobody_else) {
    compress_queue_here();
  }
}

// Requires queue_mutex_. Where no thread can be had, the queue is worked off by those who fill it.
void PackAssembler::start_threads() {
  const unsigned wanted = std::max(1U, std::thread::hardware_concurrency());
  try {
    while (threads_.size() < wanted) {
      threads_.emplace_back([this] { work(); });
    }
  } catch (const std::system_error&) { // NOLINT(bugprone-empty-catch): fewer will do, or none
  }
}

void PackAssembler::work() {
  try {
    codec::FrameCompressor compressor(k_level);
    while (const Item item = next_item()) {
      write(compressor, *item);
      item_done();
    }
  } catch (const std::exception&) {
    fail(std::current_exception());
  }
}

void PackAssembler::compress_queue_here() {
  try {
    codec::FrameCompressor compressor(k_level);
    for (;;) {
      Item item;
      {
        const std::lock_guard guard(queue_mutex_);
        if (queue_.empty() || error_) {
          return;
        }
        item = std::move(queue_.front());
        queue_.pop_front();
        ++busy_;
      }
      write(compressor, *item);
      item_done();
    }
  } catch (const std::exception&) {
    fail(std::current_exception());
    throw;
  }
}

PackAssembler::Item PackAssembler::next_item() {
  std::unique_lock guard(queue_mutex_);
  queue_changed_.wait(guard, [this] { return stopping_ || error_ || !queue_.empty(); });
  if (stopping_ || error_) {
    return nullptr;
  }
  Item item = std::move(queue_.front());
  queue_.pop_front();
  ++busy_;
  guard.unlock();
  queue_changed_.notify_all();
  return item;
}

void PackAssembler::item_done() {
  {
    const std::lock_guard guard(queue_mutex_);
    --busy_;
  }
  queue_changed_.notify_all();
}

void PackAssembler::fail(std::exception_ptr error) {
  {
    const std::lock_guard guard(queue_mutex_);
    if (!error_) {
      error_ = std::move(error);
    }
    queue_.clear();
  }
  queue_changed_.notify_all();
}

// Requires queue_mutex_.
void PackAssembler::check() const {
  if (error_) {
    std::rethrow_exception(error_);
  }
}

void PackAssembler::write(codec::FrameCompressor& compressor, const NumberedFrame& item) {
  append(item.number,
         std::make_shared<const EncodedFrame>(encode_frame(compressor, item.frame, read_base_)));
}

void PackAssembler::append(std::uint32_t number, const std::shared_ptr<const EncodedFrame>& frame) {
  std::unique_ptr<OpenPack> due;
  {
    const std::lock_guard guard(packs_mutex_);
    if (!current_) {
      current_ = std::make_unique<OpenPack>(scratch_->path());
      current_->index = packs_.size();
      packs_.emplace_back();
    }
    current_->writer.append(*frame);
    packs_[current_->index].size = current_->writer.size();
    pack_of_frame_[number] = static_cast<std::uint32_t>(current_->index);
    if (frame->kind == ChunkKind::meta) {
      meta_[number] = {nullptr, frame};
      current_->meta_frames.push_back(number);
    }
    if (current_->writer.size() - current_->written_back >= k_writeback_step) {
      current_->writer.start_writeback();
      current_->written_back = current_->writer.size();
    }
    if (current_->writer.is_full()) {
      full_.push_back(std::move(current_));
    }
    if (full_.size() > k_most_unsynced) {
      due = std::move(full_.front());
      full_.pop_front();
    }
  }
  if (due) {
    commit(*due);
  }
}

void PackAssembler::commit(OpenPack& pack) {
  const hash::Digest name = pack.writer.commit(*layout_);
  const std::lock_guard guard(packs_mutex_);
  packs_[pack.index].size = pack.writer.size();
  packs_[pack.index].finished = FinishedPack{name, pack.writer.size()};
  unsynced_shards_.insert(layout_->shard(name));
  for (const std::uint32_t frame : pack.meta_frames) {
    meta_.erase(frame);
  }
}

void PackAssembler::finish() {
  {
    std::unique_lock guard(queue_mutex_);
    check();
    std::size_t waiting = 0;
    for (const Item& item : queue_) {
      waiting += item->frame.bytes.size();
    }
    if (threads_.empty() && waiting > k_largest_frame) {
      start_threads();
    }
  }
  if (threads_.empty()) {
    compress_queue_here();
  }
  {
    std::unique_lock guard(queue_mutex_);
    queue_changed_.wait(guard, [this] { return error_ || (queue_.empty() && busy_ == 0); });
    check();
  }
  try {
    if (current_) {
      full_.push_back(std::move(current_));
    }
    for (; !full_.empty(); full_.pop_front()) {
      commit(*full_.front());
    }
    for (; !unsynced_shards_.empty(); unsynced_shards_.erase(unsynced_shards_.begin())) {
      fs::sync_directory(*unsynced_shards_.begin());
    }
  } catch (const std::exception&) {
    fail(std::current_exception());
    throw;
  }
}

std::uint64_t PackAssembler::bytes() const {
  const std::lock_guard guard(packs_mutex_);
  std::uint64_t sum = 0;
  for (const PackState& pack : packs_) {
    sum += pack.size;
  }
  return sum;
}

std::optional<std::size_t> PackAssembler::pack_of(std::uint32_t frame) const {
  const std::lock_guard guard(packs_mutex_);
  const std::optional<std::uint32_t> index = pack_of_frame_.at(frame);
  if (!index || !packs_[*index].finished) {
    return std::nullopt;
  }
  return *index;
}

std::vector<PackAssembler::FinishedPack> PackAssembler::finished() const {
  const std::lock_guard guard(packs_mutex_);
  std::vector<FinishedPack> packs;
  for (const PackState& pack : packs_) {
    packs.push_back(pack.finished.value_or(FinishedPack{}));
  }
  return packs;
}

std::optional<Bytes> PackAssembler::read_meta(std::uint32_t frame, const hash::Digest& id) {
  UnderWay found;
  {
    const std::lock_guard guard(packs_mutex_);
    const auto entry = meta_.find(frame);
    if (entry == meta_.end()) {
      return std::nullopt;
    }
    found = entry->second;
  }
  FramePointer decoded;
  ByteView raw;
  const std::vector<FrameChunk>* chunks = nullptr;
  if (found.encoded) {
    const EncodedFrame& encoded = *found.encoded;
    decoded = decoded_.get({hash::Digest{}, frame}, [&] {
      return decode_frame(encoded.codec, {}, encoded.stored, encoded.checksum, encoded.raw_length);
    });
    raw = *decoded;
    chunks = &encoded.chunks;
  } else {
    raw = found.raw->frame.bytes;
    chunks = &found.raw->frame.chunks;
  }
  const std::optional<ByteView> bytes = find_chunk(raw, *chunks, id);
  return bytes ? std::optional(Bytes(bytes->begin(), bytes->end())) : std::nullopt;
}

} // namespace savepoint::store
