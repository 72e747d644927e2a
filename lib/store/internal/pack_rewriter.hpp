#pragma once

#include "codec/frame_codec.hpp"
#include "store/internal/pack.hpp"
#include "store/internal/pack_survey.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace savepoint::store {

/// Copies what is needed of old packs into new ones, data and metadata apart.
///
///   PackRewriter rewriter(state, survey);
///   rewriter.copy(index);               // for some packs
///   rewriter.commit();                  // the copies are durable: the old packs may go
///
/// Without `commit` the destructor removes the new packs: the old ones still have everything.
class PackRewriter {
public:
  /// Both must outlive the rewriter.
  PackRewriter(Store::State& state, PackSurvey& survey);
  ~PackRewriter();
  PackRewriter(const PackRewriter&) = delete;
  PackRewriter& operator=(const PackRewriter&) = delete;

  /// Copies what is needed of a pack. Returns false, and copies nothing, if any of that is damaged.
  [[nodiscard]] bool copy(std::size_t index);

  struct NewPack {
    hash::Digest name;
    std::uint64_t size = 0;
    bool is_new = true; ///< False if a pack of the very same content was there.
  };
  /// Makes the copies durable and returns the packs they are in. One of these may be an old one
  /// that came out as it was.
  std::vector<NewPack> commit();

private:
  /// Frames of one kind on their way into packs of that kind.
  struct Lane {
    RawFrame frame;
    std::optional<PackWriter> pack;
  };

  [[nodiscard]] bool is_whole(const PackReader& pack, std::size_t index) const;
  void add(Lane& lane, const hash::Digest& id, ByteView bytes, const std::optional<Base>& base);
  void close_frame(Lane& lane);
  void close_pack(Lane& lane);

  Store::State* state_;
  PackSurvey* survey_;
  codec::FrameCompressor compressor_;
  ReadBase read_base_;
  Lane data_;
  Lane deltas_; // data as well: what has a base keeps it
  Lane meta_;
  std::vector<NewPack> packs_; // not committed yet
};

} // namespace savepoint::store
