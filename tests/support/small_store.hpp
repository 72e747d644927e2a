#pragma once

#include "base/bytes.hpp"
#include "manifest/manifest.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <string>
#include <string_view>

// Shared by tests of rooms that link the store: everything is inline.
namespace savepoint::test {

/// Bytes that compress badly and are the same for the same seed.
inline Bytes noise(std::size_t size, std::uint64_t seed) {
  Bytes bytes(size);
  std::uint64_t state = seed * 0x9E3779B97F4A7C15U + 1;
  for (std::byte& byte : bytes) {
    state ^= state << 13U;
    state ^= state >> 7U;
    state ^= state << 17U;
    byte = static_cast<std::byte>(state >> 32U);
  }
  return bytes;
}

/// A manifest with nothing in it but a note.
inline manifest::Manifest note_manifest(std::string_view note) {
  manifest::Manifest manifest;
  manifest.created_at = Timestamp(std::chrono::seconds(1'800'000'000));
  manifest.note = note;
  manifest.project = {.id = "0123456789abcdef", .name = "shop", .worktree = ""};
  manifest.state = std::string(64, '0');
  return manifest;
}

/// Gives a snapshot just these marks.
inline void mark(store::Store& store, const SnapshotId& id, const manifest::Marks& marks) {
  store.change_marks(id, [&](manifest::Marks& current) { current = marks; });
}
inline void mark(store::Store&& store, const SnapshotId& id, const manifest::Marks& marks) {
  mark(store, id, marks);
}

/// Seals a snapshot that holds one chunk of `text` and has it for a note too.
inline manifest::Manifest seal_text(store::Store& store, std::string_view text) {
  store::Batch batch(store);
  batch.writer()->put(as_bytes(text), store::ChunkKind::data);
  return store.seal(batch, note_manifest(text));
}

} // namespace savepoint::test
