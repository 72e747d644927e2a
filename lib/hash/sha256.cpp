#include "hash/sha256.hpp"

#include "hash/internal/digest_context.hpp"

namespace savepoint::hash {
namespace {

class Context {
public:
  void update(ByteView bytes) { context_.update(bytes); }
  Digest finish() {
    Digest digest;
    context_.finish(digest.bytes);
    return digest;
  }

private:
  static const EVP_MD* algorithm() {
    static const EVP_MD* const fetched = internal::fetch("SHA256");
    return fetched;
  }

  internal::DigestContext context_{algorithm()};
};

} // namespace

struct Sha256::State {
  Context context;
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(ByteView bytes) {
  state_->context.update(bytes);
}

Digest Sha256::finish() {
  return state_->context.finish();
}

Digest sha256(ByteView bytes) {
  thread_local Context context;
  context.update(bytes);
  return context.finish();
}

} // namespace savepoint::hash
