#pragma once

#include "store/content.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

namespace savepoint::store {

/// Which chunks of an earlier content stand where chunks of the present one do: what is most likely
/// to be much like them. A guess, and never an error: if the earlier content cannot be read,
/// there is nothing like it.
class Likeness {
public:
  /// How places in the two contents answer each other.
  enum class By {
    offset, ///< Nothing moves: images made of pages.
    order,  ///< What comes behind the last chunk that both have: dumps, in which rows come and go.
  };
  Likeness(ExtentCursor earlier, By by) : cursor_(std::move(earlier)), by_(by) {}

  /// The one for the chunk that will begin at `offset`, no smaller than the last time.
  [[nodiscard]] std::optional<hash::Digest> at(std::uint64_t offset);
  /// Says what the chunk turned out to be.
  void passed(const hash::Digest& id);

private:
  /// So many chunks are looked through for one that both have. One chunk may have become two, so
  /// the place may be ahead of it.
  static constexpr std::size_t k_behind = 16;
  static constexpr std::size_t k_ahead = 64;
  void look_ahead(std::size_t count);

  ExtentCursor cursor_;
  By by_;
  std::deque<Extent> near_;
  std::size_t place_ = 0; // of the one that stands where the next chunk will
  bool is_over_ = false;
};

} // namespace savepoint::store
