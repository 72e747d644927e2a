#pragma once

#include "base/bytes.hpp"
#include "fs/descriptor.hpp"
#include "fs/status.hpp"

#include <cstdint>
#include <exception>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::fs {

/// Opens a directory by path; symlinks on the way are followed, as a user expects of a path given.
[[nodiscard]] Descriptor open_directory(const std::filesystem::path& path);
/// Opens a file for reading; throws IoError, also if it does not exist.
[[nodiscard]] Descriptor open_for_reading(const std::filesystem::path& path);

/// The content of a file; nothing if it does not exist. Throws IoError, also for a file larger than
/// `limit` bytes.
[[nodiscard]] std::optional<Bytes> read_file(const std::filesystem::path& path,
                                             std::uint64_t limit = std::uint64_t{256} << 20U);

/// Reads exactly `size` bytes at `offset`; throws CorruptionError if the file ends before.
[[nodiscard]] Bytes read_at(const Descriptor& file, std::uint64_t offset, std::size_t size,
                            const std::filesystem::path& name);
/// Reads up to into.size() bytes at the current position; 0 at the end. `name` is for messages.
[[nodiscard]] std::size_t read_some(const Descriptor& file, std::span<std::byte> into,
                                    const std::filesystem::path& name);
/// Writes all of `bytes` at the current position. `name` is for messages.
void write_all(const Descriptor& file, ByteView bytes, const std::filesystem::path& name);

/// Makes `path` and the directories above it, each 0700, and makes the new names durable. What root
/// makes belongs to the owner of the directory that it is in, as with all that is made here.
void make_directories(const std::filesystem::path& path);
/// fsync of a directory: names created, renamed or removed in it are durable after this.
void sync_directory(const std::filesystem::path& path);
/// Removes a file if it is there; returns whether it was.
bool remove_file(const std::filesystem::path& path);
/// Removes a directory and everything below, by descriptors, never following a symlink. Does
/// nothing if it is not there.
void remove_tree(const std::filesystem::path& path);
/// The names in a directory, sorted; empty if it does not exist.
[[nodiscard]] std::vector<std::string> list_names(const std::filesystem::path& path);
/// Free space for us at `path`, in bytes.
[[nodiscard]] std::uint64_t free_space(const std::filesystem::path& path);

/// A file that appears under its name whole and durable, or not at all: temporary name, write,
/// fsync, rename, fsync of the directory. The only way in which the store's own files come to be.
///
///   AtomicFile file(path);
///   file.write(bytes);
///   file.commit();
///
/// Without `commit` the destructor removes what was written. Mode 0600.
class AtomicFile {
public:
  explicit AtomicFile(std::filesystem::path path);
  ~AtomicFile();
  AtomicFile(AtomicFile&&) noexcept;
  AtomicFile& operator=(AtomicFile&&) noexcept;

  void write(ByteView bytes);
  /// Gives the file other permissions than 0600, before anybody can see it.
  void set_mode(std::uint32_t mode);
  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// Starts writing to disk what was written so far, without waiting.
  void start_writeback() noexcept;

  /// fsyncs the content only; `commit` or `commit_as` does it otherwise.
  void sync();
  /// Makes the file appear, durably. A failed fsync is final: the file is thrown away.
  void commit() { commit_as(path_, SyncDirectory::yes); }
  enum class SyncDirectory { no, yes };
  /// The same under another name in the same directory tree; with `no` the caller syncs the
  /// directory before relying on the name.
  void commit_as(const std::filesystem::path& path, SyncDirectory sync_directory);
  /// Makes the file appear without any fsync. For caches, whose loss costs nothing but time.
  void commit_unsynced();

private:
  void require_open() const;
  void appear_as(const std::filesystem::path& path);
  void abandon() noexcept;

  std::filesystem::path path_;
  std::filesystem::path temporary_;
  Descriptor file_;
  std::exception_ptr failure_; ///< Of the first write that failed.
  std::uint64_t size_ = 0;
  bool synced_ = false;
};

/// The prefix of every temporary name that AtomicFile makes: leftovers of killed processes carry
/// it.
inline constexpr std::string_view k_temporary_prefix = ".savepoint-tmp-";

/// A file mapped into memory for reading. The file must not be shortened meanwhile: only files that
/// are replaced by rename are mapped.
class MappedFile {
public:
  /// Maps `path`; nothing if it does not exist or is empty.
  [[nodiscard]] static std::optional<MappedFile> open(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(MappedFile&&) noexcept;
  MappedFile& operator=(MappedFile&&) noexcept;
  [[nodiscard]] ByteView view() const { return view_; }

private:
  explicit MappedFile(ByteView view) : view_(view) {}
  ByteView view_;
};

} // namespace savepoint::fs
