#pragma once

#include "base/cancellation.hpp"
#include "store/internal/live_chunks.hpp"
#include "store/internal/store_state.hpp"

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace savepoint::store {

/// A pack and how much of it is needed: raw bytes of chunks.
struct PackUse {
  hash::Digest name;
  std::uint64_t size = 0; ///< Of the file.
  std::uint64_t needed = 0;
  std::uint64_t unneeded = 0;
  bool is_known = false;   ///< Its footer could be read.
  bool is_damaged = false; ///< As verify found, or as was noticed since.
  /// Something in it is needed by nothing that is known, and others may hang on it all the same.
  bool may_be_hung_on = false;
};

/// What is to become of a pack.
enum class PackFate { keep, rewrite, remove };

/// Which packs of a store are needed, and for which chunks. A pack whose footer cannot be read is
/// kept as long as a chunk is missing that may be in it: nobody can tell what it holds. Nor can be
/// told what that hangs on, so nothing goes then that could be it.
class PackSurvey {
public:
  /// `live` are the chunks that snapshots need; their bases are needed, too. Where several packs
  /// hold one of them, one pack is needed for it; that its copy is good is checked by reading it.
  PackSurvey(Store::State& state, const DigestSet& live, const Cancellation& cancellation);

  [[nodiscard]] const std::vector<PackUse>& packs() const { return packs_; }
  [[nodiscard]] PackFate fate(std::size_t pack) const;

  /// Says whether `pack` is the one that is needed for the chunk.
  [[nodiscard]] bool needs(std::size_t pack, const hash::Digest& id) const;
  /// Records that the chunk has been copied elsewhere.
  void set_copied(const hash::Digest& id);

  /// The bytes that would be freed, as far as can be said without rewriting anything.
  [[nodiscard]] std::uint64_t reclaimable() const;

private:
  /// Adds the bases of frames with anything live.
  void find_bases_of_live(const Cancellation& cancellation);
  /// Adds those of all frames in packs that are kept, so that what is in the store can be read.
  /// Says whether there were more.
  bool find_bases_of_kept(const Cancellation& cancellation);
  void survey(const Cancellation& cancellation);
  void weigh(PackUse& use) const;
  void assign(std::size_t index);
  [[nodiscard]] bool is_needed(const PackReader& pack, const PackChunk& chunk) const;
  [[nodiscard]] bool is_good(std::size_t index, const hash::Digest& id) const;
  /// Whether `pack` holds it in a way that others may hang on, which it has to.
  [[nodiscard]] bool is_good_base(std::size_t pack, const hash::Digest& id) const;

  Store::State* state_;
  const DigestSet* live_;
  DigestSet bases_;
  std::vector<PackUse> packs_;
  std::unordered_map<hash::Digest, std::uint32_t, hash::DigestHash> owners_; // index of the pack
  bool merges_small_ = false;
  bool needs_no_unknown_ = false; // every live chunk is in a pack that is known
};

} // namespace savepoint::store
