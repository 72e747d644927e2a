#include "git/blob.hpp"

#include <algorithm>
#include <string>

namespace savepoint::git {

BlobHash::BlobHash(std::uint64_t size, std::size_t id_length) {
  constexpr std::size_t k_sha256_length = 32;
  if (id_length == k_sha256_length) {
    hash_.emplace<hash::Sha256>();
  }
  const std::string header = "blob " + std::to_string(size);
  update(as_bytes(std::string_view(header.c_str(), header.size() + 1))); // with its final zero
}

void BlobHash::update(ByteView bytes) {
  std::visit([bytes](auto& hash) { hash.update(bytes); }, hash_);
}

RawId BlobHash::finish() {
  RawId id{};
  if (auto* const sha256 = std::get_if<hash::Sha256>(&hash_)) {
    id = sha256->finish().bytes;
  } else {
    const auto digest = std::get<hash::Sha1>(hash_).finish();
    std::ranges::copy(digest, id.begin());
  }
  return id;
}

bool may_be_converted(ByteView piece) {
  const std::string_view text = as_text(piece);
  // What is cut at the end of a piece might go on as `$Id$`.
  return text.find('\r') != std::string_view::npos || text.find("$Id") != std::string_view::npos ||
         text.ends_with('$') || text.ends_with("$I");
}

} // namespace savepoint::git
