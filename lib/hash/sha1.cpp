#include "hash/sha1.hpp"

#include "hash/internal/digest_context.hpp"

namespace savepoint::hash {
namespace {

const EVP_MD* algorithm() {
  static const EVP_MD* const fetched = internal::fetch("SHA1");
  return fetched;
}

} // namespace

struct Sha1::State {
  internal::DigestContext context{algorithm()};
};

Sha1::Sha1() : state_(std::make_unique<State>()) {}
Sha1::~Sha1() = default;
Sha1::Sha1(Sha1&&) noexcept = default;
Sha1& Sha1::operator=(Sha1&&) noexcept = default;

void Sha1::update(ByteView bytes) {
  state_->context.update(bytes);
}

std::array<std::byte, 20> Sha1::finish() {
  std::array<std::byte, 20> digest{};
  state_->context.finish(digest);
  return digest;
}

} // namespace savepoint::hash
