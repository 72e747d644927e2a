#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "hash/digest.hpp"
#include "store/chunks.hpp"

#include <cstddef>
#include <vector>

namespace savepoint::fuzz {

/// Chunks whose names are numbers, so that an input can name its own: as somebody could who finds
/// chunks that fit. The input is cut at every "|#|"; the first byte of a digest says which piece is
/// meant. Gives at most so many, and then none: an input that repeats itself has an end.
class Pieces final : public store::ChunkSource {
public:
  explicit Pieces(ByteView bytes) {
    std::string_view text = as_text(bytes);
    for (std::size_t end; (end = text.find("|#|")) != std::string_view::npos;) {
      pieces_.push_back(text.substr(0, end));
      text.remove_prefix(end + 3);
    }
    pieces_.push_back(text);
  }

  [[nodiscard]] Bytes get(const hash::Digest& id) const override {
    if (++given_ > k_most_given) {
      throw CorruptionError("no more chunks");
    }
    return to_bytes(pieces_[std::to_integer<std::size_t>(id.bytes[0]) % pieces_.size()]);
  }

private:
  static constexpr int k_most_given = 200;
  std::vector<std::string_view> pieces_;
  mutable int given_ = 0;
};

} // namespace savepoint::fuzz
