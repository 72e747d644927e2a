#pragma once

#include "base/bytes.hpp"
#include "hash/digest.hpp"
#include "store/chunks.hpp"

#include <cstdint>
#include <functional>
#include <string_view>

namespace savepoint::store {

/// No object is larger, in bytes: a directory of some three million files.
inline constexpr std::uint64_t k_largest_object = std::uint64_t{256} << 20U;

/// Keeps an object of metadata of any size and returns the one digest that stands for it: its own
/// if it fits a chunk, else that of a chunk that says where its bytes are
/// (docs/formats/large-object.md).
///
/// Throws UsageError if it is larger than k_largest_object; `what` names it.
hash::Digest put_object(ChunkSink& sink, ByteView bytes, std::string_view what);

/// The bytes of an object. Visits every chunk that they are made of, `id` first, if `visit` is set.
///
/// Throws CorruptionError.
[[nodiscard]] Bytes get_object(const ChunkSource& source, const hash::Digest& id,
                               const std::function<void(const hash::Digest&)>& visit = nullptr);

} // namespace savepoint::store
