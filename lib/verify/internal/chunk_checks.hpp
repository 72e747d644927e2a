#pragma once

#include "hash/digest.hpp"
#include "manifest/content.hpp"
#include "store/check.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace savepoint::verify {

/// Says of chunks whether they can be had, given what is known of the store's packs. Remembers what
/// it said.
class ChunkChecks {
public:
  /// `store` and `damaged` must outlive it.
  ChunkChecks(const store::Store& store, const std::vector<store::DamagedFile>& damaged);

  struct Answer {
    bool good = true;
    std::string what; ///< What is wrong with it.
    std::string file; ///< The damaged file that should have it, if one is known.
  };
  /// The answer is valid as long as this object.
  const Answer& check(const hash::Digest& id);
  [[nodiscard]] std::uint64_t checked() const { return answers_.size(); }

private:
  const store::Store* store_;
  std::unordered_map<hash::Digest, const store::DamagedFile*, hash::DigestHash> suspects_;
  /// A damaged pack does not even say which chunks were in it: any may be among them.
  const store::DamagedFile* suspects_all_ = nullptr;
  std::unordered_map<hash::Digest, Answer, hash::DigestHash> answers_;
};

} // namespace savepoint::verify
