#pragma once

#include "hash/digest.hpp"

#include <cstdint>

namespace savepoint::manifest {

/// Where the bytes of a file or a database image are in the store.
struct Content {
  enum class Form : std::uint8_t {
    empty = 0, ///< No bytes at all.
    chunk = 1, ///< One chunk, whose name is the SHA-256 of the bytes.
    list = 2,  ///< A content list: docs/formats/content-list.md.
  };
  Form form = Form::empty;
  std::uint64_t size = 0; ///< In bytes, holes included.
  hash::Digest id;

  friend auto operator<=>(const Content&, const Content&) = default;
};

} // namespace savepoint::manifest
