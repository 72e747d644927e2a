#pragma once

#include "store/internal/frame.hpp"
#include "store/internal/layout.hpp"
#include "store/internal/pack.hpp"
#include "store/internal/pack_shelf.hpp"
#include "store/internal/scratch.hpp"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <vector>

namespace savepoint::store {

/// A frame of a batch and its number there.
struct NumberedFrame {
  std::uint32_t number = 0;
  RawFrame frame;
};

/// Turns the frames of a batch into packs: compresses them on threads of its own and appends them
/// to packs in scratch/, which get their names as they fill up.
///
/// Errors of the threads are kept: after one, `submit` and `finish` throw it, always. Safe to use
/// from several threads, `finish` apart.
class PackAssembler {
public:
  /// `layout` and `scratch` must outlive the assembler.
  PackAssembler(const Layout& layout, ScratchDirectory& scratch, ReadBase read_base);
  /// Abandons what has no name yet.
  ~PackAssembler();
  PackAssembler(const PackAssembler&) = delete;
  PackAssembler& operator=(const PackAssembler&) = delete;

  [[nodiscard]] std::uint32_t next_number();
  enum class Fill { full, partial };
  /// Takes a frame; waits while too many are under way. Threads start with the first full frame.
  void submit(NumberedFrame&& frame, Fill fill);
  /// Makes everything submitted durable under the names of its packs.
  void finish();

  /// Bytes of packs, so far.
  [[nodiscard]] std::uint64_t bytes() const;
  struct FinishedPack {
    hash::Digest name;
    std::uint64_t size = 0;
  };
  /// The pack that a frame went into, as an index into `finished`; nothing while it is not in one
  /// that has its name.
  [[nodiscard]] std::optional<std::size_t> pack_of(std::uint32_t frame) const;
  [[nodiscard]] std::vector<FinishedPack> finished() const;

  /// A chunk of a frame of kind meta that is under way; nothing if it is not, or not any more.
  [[nodiscard]] std::optional<Bytes> read_meta(std::uint32_t frame, const hash::Digest& id);

private:
  using Item = std::shared_ptr<const NumberedFrame>; // shared with readers of kind meta
  struct UnderWay {
    Item raw;                                    // until it is compressed
    std::shared_ptr<const EncodedFrame> encoded; // after that, until its pack has a name
  };
  struct OpenPack {
    explicit OpenPack(const std::filesystem::path& scratch) : writer(scratch) {}
    PackWriter writer;
    std::size_t index = 0;
    std::uint64_t written_back = 0;
    std::vector<std::uint32_t> meta_frames;
  };
  static constexpr std::size_t k_most_queued = 8;
  static constexpr std::size_t k_most_unsynced = 2; // full packs that may wait for their fsync
  static constexpr std::uint64_t k_writeback_step = std::uint64_t{4} << 20U;
  static constexpr std::size_t k_decoded_bytes = std::size_t{4} << 20U;

  void start_threads();
  void work();
  [[nodiscard]] Item next_item();
  void item_done();
  void fail(std::exception_ptr error);
  void check() const;
  void compress_queue_here();
  void write(codec::FrameCompressor& compressor, const NumberedFrame& item);
  void append(std::uint32_t number, const std::shared_ptr<const EncodedFrame>& frame);
  void commit(OpenPack& pack);

  const Layout* layout_;
  ScratchDirectory* scratch_;
  ReadBase read_base_;

  mutable std::mutex queue_mutex_;
  std::condition_variable queue_changed_;
  std::deque<Item> queue_;
  std::size_t busy_ = 0; // items taken from the queue and not yet in a pack
  bool stopping_ = false;
  std::exception_ptr error_;
  std::vector<std::thread> threads_;

  mutable std::mutex packs_mutex_;
  std::uint32_t numbers_ = 0;
  std::unique_ptr<OpenPack> current_;
  std::deque<std::unique_ptr<OpenPack>> full_;
  struct PackState {
    std::optional<FinishedPack> finished;
    std::uint64_t size = 0;
  };
  std::vector<PackState> packs_;
  std::vector<std::optional<std::uint32_t>> pack_of_frame_;
  std::map<std::uint32_t, UnderWay> meta_;
  std::set<std::filesystem::path> unsynced_shards_;
  FrameCache decoded_{k_decoded_bytes};
};

} // namespace savepoint::store
