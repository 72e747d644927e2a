#pragma once

#include "base/bytes.hpp"
#include "fs/descriptor.hpp"
#include "hash/sha256.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>

namespace savepoint::drivers::command {

/// Bytes put aside in a file that only we can read and that has no name: however this process ends,
/// nothing of it is left.
class Spool {
public:
  explicit Spool(const std::filesystem::path& directory);

  void write(ByteView bytes);
  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// Of all that was written. To be called once, when that is all.
  [[nodiscard]] hash::Digest digest() { return hash_.finish(); }
  /// Gives all of it to `take`, piece by piece, until `take` returns false.
  void replay(const std::function<bool(ByteView)>& take) const;

private:
  std::filesystem::path directory_;
  fs::Descriptor file_;
  std::uint64_t size_ = 0;
  hash::Sha256 hash_;
};

} // namespace savepoint::drivers::command
