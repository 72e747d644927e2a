#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"

#include <openssl/evp.h>

#include <memory>
#include <new>
#include <span>
#include <string>

namespace savepoint::hash::internal {

/// An algorithm of OpenSSL. To be fetched once for the whole program: looking it up costs more than
/// hashing a small file. Never freed, so that threads may hash until the very end.
inline const EVP_MD* fetch(const char* name) {
  const EVP_MD* const fetched = EVP_MD_fetch(nullptr, name, nullptr);
  if (fetched == nullptr) {
    throw IoError("cannot use " + std::string(name) + ": OpenSSL does not offer it", 0,
                  "check the configuration of OpenSSL (openssl.cnf)");
  }
  return fetched;
}

/// A context that is always ready for the next bytes.
class DigestContext {
public:
  explicit DigestContext(const EVP_MD* algorithm)
      : algorithm_(algorithm), context_(EVP_MD_CTX_new()) {
    if (!context_) {
      throw std::bad_alloc();
    }
    start();
  }

  void update(ByteView bytes) {
    require(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()));
  }
  /// Requires that `into` is as long as the digests of the algorithm are.
  void finish(std::span<std::byte> into) {
    unsigned length = 0;
    require(
        EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(into.data()), &length));
    if (length != into.size()) {
      bug("a digest of another length");
    }
    start();
  }

private:
  struct Deleter {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };

  static void require(int result) {
    if (result != 1) {
      throw IoError("cannot compute a digest: OpenSSL failed");
    }
  }
  void start() { require(EVP_DigestInit_ex2(context_.get(), algorithm_, nullptr)); }

  const EVP_MD* algorithm_;
  std::unique_ptr<EVP_MD_CTX, Deleter> context_;
};

} // namespace savepoint::hash::internal
