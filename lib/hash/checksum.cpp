#include "hash/checksum.hpp"

#include <xxhash.h>

#include <bit>
#include <new>

namespace savepoint::hash {

std::uint64_t checksum64(ByteView bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

struct Checksum128::State {
  struct Deleter {
    void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
  };
  std::unique_ptr<XXH3_state_t, Deleter> running{XXH3_createState()};
};

Checksum128::Checksum128() : state_(std::make_unique<State>()) {
  if (!state_->running) {
    throw std::bad_alloc();
  }
  XXH3_128bits_reset(state_->running.get());
}

Checksum128::~Checksum128() = default;
Checksum128::Checksum128(Checksum128&&) noexcept = default;
Checksum128& Checksum128::operator=(Checksum128&&) noexcept = default;

void Checksum128::update(ByteView bytes) {
  XXH3_128bits_update(state_->running.get(), bytes.data(), bytes.size());
}

std::array<std::byte, 16> Checksum128::finish() {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(state_->running.get()));
  XXH3_128bits_reset(state_->running.get());
  return std::bit_cast<std::array<std::byte, 16>>(canonical);
}

} // namespace savepoint::hash
