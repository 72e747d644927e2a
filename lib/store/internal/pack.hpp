#pragma once

#include "fs/files.hpp"
#include "store/internal/layout.hpp"
#include "store/internal/pack_format.hpp"

#include <atomic>
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

namespace savepoint::store {

/// Writes one pack: frames, then the footer whose SHA-256 becomes its name.
///
///   PackWriter pack(scratch);
///   pack.append(frame);                 // until pack.is_full()
///   const hash::Digest name = pack.commit(layout);
///   fs::sync_directory(layout.shard(name));
///
/// Without `commit` the destructor removes what was written. One thread at a time.
class PackWriter {
public:
  /// `scratch` is a directory on the store's file system, such as ScratchDirectory::path().
  explicit PackWriter(const std::filesystem::path& scratch);

  void append(const EncodedFrame& frame);
  /// In bytes, without the footer.
  [[nodiscard]] std::uint64_t size() const { return file_.size(); }
  [[nodiscard]] bool is_full() const { return size() >= k_pack_target; }
  /// Starts writing to disk what was appended so far, without waiting.
  void start_writeback() noexcept { file_.start_writeback(); }

  /// Writes the footer, makes the content durable and gives the pack its name. The caller syncs
  /// layout.shard(name) before anything relies on it.
  hash::Digest commit(const Layout& layout);

private:
  fs::AtomicFile file_;
  PackFooter footer_;
};

/// Reads a pack whose name is known. Trusts nothing in it: the footer is checked against the name,
/// frames against their checksums. Safe to use from several threads.
class PackReader {
public:
  /// Opens the file of a pack. Throws CorruptionError if it is missing, cannot be read, or its
  /// footer is not the one its name stands for.
  PackReader(const std::filesystem::path& path, const hash::Digest& name);

  [[nodiscard]] const hash::Digest& name() const { return name_; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] const std::vector<PackFrame>& frames() const { return footer_.frames; }
  /// In the order in which they lie in the pack.
  [[nodiscard]] const std::vector<PackChunk>& chunks() const { return footer_.chunks; }
  [[nodiscard]] std::span<const PackChunk> chunks_of(std::size_t frame) const {
    return footer_.chunks_of(frame);
  }
  /// Where a chunk is, null if it is not in this pack.
  [[nodiscard]] const PackChunk* find(const hash::Digest& id) const;
  /// The chunk that this one of ours is stored against; null if it stands for itself. To read it
  /// takes the bases of all chunks of its frame.
  [[nodiscard]] const hash::Digest* base_of(const PackChunk& chunk) const;
  [[nodiscard]] std::vector<hash::Digest> bases_of(std::size_t frame) const {
    return footer_.bases_of(frame);
  }

  /// The raw bytes of a frame. Throws CorruptionError, also if a base of it cannot be had.
  [[nodiscard]] Bytes read_frame(std::size_t frame, const ReadBase& read_base) const;

private:
  hash::Digest name_;
  std::filesystem::path path_;
  fs::Descriptor file_;
  std::uint64_t size_ = 0;
  PackFooter footer_;
  mutable std::atomic<unsigned> questions_ = 0;
  mutable std::once_flag is_sorted_;
  mutable std::vector<std::uint32_t> by_id_; // indices of footer_.chunks, sorted by their ids
};

/// The bytes of `chunk` in its frame, if they are what its name says; nothing otherwise.
[[nodiscard]] std::optional<ByteView> checked_chunk(ByteView frame, const PackChunk& chunk);

} // namespace savepoint::store
