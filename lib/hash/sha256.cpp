#include "hash/sha256.hpp"

#include "base/error.hpp"

#include <openssl/evp.h>

#include <new>

namespace savepoint::hash {
namespace {

/// Fetched once for the whole program: looking the algorithm up costs more than hashing a small
/// file. Never freed, so that threads may hash until the very end.
const EVP_MD* algorithm() {
  static const EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  if (fetched == nullptr) {
    throw IoError("cannot use SHA-256: OpenSSL does not offer it", 0,
                  "check the configuration of OpenSSL (openssl.cnf)");
  }
  return fetched;
}

void require(int result) {
  if (result != 1) {
    throw IoError("cannot compute a SHA-256: OpenSSL failed");
  }
}

struct ContextDeleter {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

/// A context that is always ready for the next bytes.
class Context {
public:
  Context() : context_(EVP_MD_CTX_new()) {
    if (!context_) {
      throw std::bad_alloc();
    }
    start();
  }

  void start() { require(EVP_DigestInit_ex2(context_.get(), algorithm(), nullptr)); }
  void update(ByteView bytes) {
    require(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()));
  }
  Digest finish() {
    Digest digest;
    unsigned length = 0;
    require(EVP_DigestFinal_ex(context_.get(),
                               reinterpret_cast<unsigned char*>(digest.bytes.data()), &length));
    if (length != digest.bytes.size()) {
      bug("a SHA-256 has 32 bytes");
    }
    start();
    return digest;
  }

private:
  std::unique_ptr<EVP_MD_CTX, ContextDeleter> context_;
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
