#include "codec/frame_codec.hpp"

#include "base/error.hpp"

#include <zstd.h>

#include <new>
#include <string>

namespace savepoint::codec {
namespace {

/// The most that one block of a frame decompresses to, and the least that a block takes.
constexpr std::size_t k_largest_block = ZSTD_BLOCKSIZE_MAX;
constexpr std::size_t k_smallest_block = 4;
/// Reaches over both, a prefix and a frame of 1 MiB, and finds what is in them: what the fast
/// levels have by themselves covers a quarter of that.
constexpr int k_window_log = 21;
constexpr int k_hash_log = 18;
/// The fastest level, reaching over a whole frame and with twice the memory for what it has seen:
/// 3 % smaller on sources, and 4 % slower.
constexpr int k_fastest_level = 1;
constexpr int k_fastest_window_log = 20;
constexpr int k_fastest_hash_log = 15;
constexpr int k_fastest_least_match = 6;

struct CompressorDeleter {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};
struct DecompressorDeleter {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

void require(std::size_t result, std::string_view action) {
  if (ZSTD_isError(result) != 0) {
    throw IoError("cannot " + std::string(action) + ": " + ZSTD_getErrorName(result));
  }
}

void set(ZSTD_CCtx* context, ZSTD_cParameter parameter, int value) {
  require(ZSTD_CCtx_setParameter(context, parameter, value), "set up zstd");
}

[[noreturn]] void damaged(const std::string& why) {
  throw CorruptionError("a compressed frame is damaged: " + why);
}

} // namespace

struct FrameCompressor::State {
  using Context = std::unique_ptr<ZSTD_CCtx, CompressorDeleter>;

  [[nodiscard]] Context make_context() const {
    Context made(ZSTD_createCCtx());
    if (!made) {
      throw std::bad_alloc();
    }
    set(made.get(), ZSTD_c_compressionLevel, level);
    set(made.get(), ZSTD_c_contentSizeFlag, 1);
    if (level == k_fastest_level) {
      set(made.get(), ZSTD_c_windowLog, k_fastest_window_log);
      set(made.get(), ZSTD_c_hashLog, k_fastest_hash_log);
      set(made.get(), ZSTD_c_minMatch, k_fastest_least_match);
    }
    // Frames are covered by the digests of what is in them.
    set(made.get(), ZSTD_c_checksumFlag, 0);
    return made;
  }

  [[nodiscard]] ByteView compress(ZSTD_CCtx* with, ByteView raw) {
    const std::size_t bound = ZSTD_compressBound(raw.size());
    if (output.size() < bound) {
      output.resize(bound);
    }
    const std::size_t size =
        ZSTD_compress2(with, output.data(), output.size(), raw.data(), raw.size());
    require(size, "compress");
    return ByteView(output).first(size);
  }

  int level = 0;
  Context context;
  Context far_reaching; ///< Made when first needed.
  Bytes output;
};

FrameCompressor::FrameCompressor(int level) : state_(std::make_unique<State>()) {
  state_->level = level;
  state_->context = state_->make_context();
}

FrameCompressor::~FrameCompressor() = default;
FrameCompressor::FrameCompressor(FrameCompressor&&) noexcept = default;
FrameCompressor& FrameCompressor::operator=(FrameCompressor&&) noexcept = default;

ByteView FrameCompressor::compress(ByteView raw) {
  return state_->compress(state_->context.get(), raw);
}

ByteView FrameCompressor::compress_against(ByteView prefix, ByteView raw) {
  if (!state_->far_reaching) {
    state_->far_reaching = state_->make_context();
    ZSTD_CCtx* const context = state_->far_reaching.get();
    set(context, ZSTD_c_windowLog, k_window_log);
    set(context, ZSTD_c_hashLog, k_hash_log);
  }
  ZSTD_CCtx* const context = state_->far_reaching.get();
  require(ZSTD_CCtx_refPrefix(context, prefix.data(), prefix.size()), "set up zstd");
  return state_->compress(context, raw);
}

struct FrameDecompressor::State {
  std::unique_ptr<ZSTD_DCtx, DecompressorDeleter> context{ZSTD_createDCtx()};
};

FrameDecompressor::FrameDecompressor() : state_(std::make_unique<State>()) {
  if (!state_->context) {
    throw std::bad_alloc();
  }
}

FrameDecompressor::~FrameDecompressor() = default;
FrameDecompressor::FrameDecompressor(FrameDecompressor&&) noexcept = default;
FrameDecompressor& FrameDecompressor::operator=(FrameDecompressor&&) noexcept = default;

Bytes FrameDecompressor::decompress(ByteView compressed, std::size_t raw_size) {
  return decompress_against({}, compressed, raw_size);
}

Bytes FrameDecompressor::decompress_against(ByteView prefix, ByteView compressed,
                                            std::size_t raw_size) {
  // Both are checked before memory is reserved for what a damaged frame claims to hold.
  if (raw_size / k_largest_block > compressed.size() / k_smallest_block ||
      ZSTD_getFrameContentSize(compressed.data(), compressed.size()) != raw_size) {
    damaged("it does not hold as many bytes as it should");
  }
  const std::size_t length = ZSTD_findFrameCompressedSize(compressed.data(), compressed.size());
  if (ZSTD_isError(length) != 0) {
    damaged(ZSTD_getErrorName(length));
  }
  if (length != compressed.size()) {
    damaged("something follows its end");
  }
  ZSTD_DCtx* const context = state_->context.get();
  require(ZSTD_DCtx_refPrefix(context, prefix.data(), prefix.size()), "set up zstd"); // or none
  // In one call: zstd then writes into `raw` alone and reserves no window, however large a window
  // the frame asks for.
  Bytes raw(raw_size);
  const std::size_t size =
      ZSTD_decompressDCtx(context, raw.data(), raw.size(), compressed.data(), compressed.size());
  if (ZSTD_isError(size) != 0) {
    damaged(ZSTD_getErrorName(size));
  }
  if (size != raw_size) {
    damaged("it does not hold as many bytes as it should");
  }
  return raw;
}

} // namespace savepoint::codec
