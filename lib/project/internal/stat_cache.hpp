#pragma once

#include "fs/files.hpp"
#include "git/index.hpp"
#include "git/repository.hpp"
#include "hash/digest.hpp"
#include "manifest/content.hpp"

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace savepoint::project {

/// What is known of one name in a directory.
enum EntryFlag : std::uint8_t {
  k_in_code = 1U << 0U,      ///< Captured with the code.
  k_config = 1U << 1U,       ///< A config file that is not code.
  k_database = 1U << 2U,     ///< Recognised by a driver; `driver` says which.
  k_ignored = 1U << 3U,      ///< git ignores it (a config file, a database, a folder to search).
  k_known_config = 1U << 4U, ///< A well-known configuration file.
  k_racy = 1U << 5U,         ///< Too young when read: must be read again.
  k_has_object = 1U << 6U,   ///< `object` is the id that git gives to the content.
};

/// One record of the stat cache, as it lies in the mapped file. The cache never leaves its machine,
/// so it is in native byte order.
struct CachedEntry {
  std::uint64_t size;
  std::int64_t mtime_ns;
  std::int64_t ctime_ns;
  std::uint64_t inode;
  std::uint64_t child; ///< Directories: where their block begins.
  std::uint32_t mode;
  std::uint32_t name_offset; ///< In the names of the block.
  std::uint16_t name_length;
  std::uint8_t kind; ///< fs::FileKind
  std::uint8_t flags;
  std::uint8_t form; ///< manifest::Content::Form
  std::uint8_t driver;
  std::uint8_t has_attributes;
  std::uint8_t reserved;
  hash::Digest id;
  std::array<std::byte, 32> object;
};
static_assert(std::is_trivially_copyable_v<CachedEntry> && sizeof(CachedEntry) == 120);

enum DirectoryFlag : std::uint32_t {
  k_racy_listing = 1U << 0U,  ///< Names may have come or gone unseen: list again.
  k_skipped_names = 1U << 1U, ///< Some names are ignored: what git tracks decides about them.
  k_git_clean = 1U << 2U,     ///< None of its own names is a line in git status.
  k_ignore_file = 1U << 3U,   ///< Has a .gitignore.
  k_own_attributes = 1U << 4U,
  k_repository = 1U << 5U, ///< Has a .git, and is not the root.
};

struct CachedDirectoryHeader {
  std::uint64_t checksum; ///< Of everything after it in the block.
  std::uint64_t rules;    ///< Identity of the ignore rules that were in force.
  std::int64_t mtime_ns;
  std::int64_t ctime_ns;
  std::uint64_t inode;
  std::uint32_t mode;
  std::uint32_t flags;
  std::uint32_t entry_count;
  std::uint32_t names_size;
  hash::Digest tree;
  hash::Digest state;
};
static_assert(std::is_trivially_copyable_v<CachedDirectoryHeader> &&
              sizeof(CachedDirectoryHeader) == 120);

/// One directory of the cache. Refers into the mapping.
class CachedDirectory {
public:
  CachedDirectory(const CachedDirectoryHeader* header, std::span<const CachedEntry> entries,
                  std::string_view names)
      : header_(header), entries_(entries), names_(names) {}
  [[nodiscard]] const CachedDirectoryHeader& header() const { return *header_; }
  [[nodiscard]] std::span<const CachedEntry> entries() const { return entries_; }
  [[nodiscard]] std::string_view name_of(const CachedEntry& entry) const {
    return names_.substr(entry.name_offset, entry.name_length);
  }
  [[nodiscard]] std::string_view names() const { return names_; }
  /// The record of `name`, null if there is none. Records are sorted by name.
  [[nodiscard]] const CachedEntry* find(std::string_view name) const;

private:
  const CachedDirectoryHeader* header_;
  std::span<const CachedEntry> entries_;
  std::string_view names_;
};

/// What holds for the whole cache.
struct CacheFacts {
  std::string root;     ///< The path it is about.
  std::string snapshot; ///< Everything it refers to is held by this snapshot.
  std::optional<git::IndexStamp> index;
  std::optional<std::string> head;
  std::vector<git::FileChange> staged; ///< As between `head` and `index`.
  std::string git;                     ///< What `GitCapture` wants to know next time.
};

/// What the last scan saw of each file: docs/formats/stat-cache.md. Damaged, missing or about
/// something else means nothing is known, which costs a full read and never a wrong answer.
class StatCache {
public:
  [[nodiscard]] static std::optional<StatCache> open(const std::filesystem::path& file);

  [[nodiscard]] const CacheFacts& facts() const { return facts_; }
  [[nodiscard]] std::uint64_t root_block() const { return root_block_; }
  /// The directory whose block begins at `offset`; nothing if the block is damaged.
  [[nodiscard]] std::optional<CachedDirectory> directory(std::uint64_t offset) const;

private:
  explicit StatCache(fs::MappedFile file) : file_(std::move(file)) {}
  fs::MappedFile file_;
  CacheFacts facts_;
  std::uint64_t root_block_ = 0;
  std::uint64_t end_of_blocks_ = 0;
};

/// A directory on its way into a new cache.
struct NewDirectory {
  CachedDirectoryHeader header{};
  std::vector<CachedEntry> entries; ///< Names not yet placed.
  std::vector<std::string_view> names;
};

/// Writes a new cache, block by block, children before their parents. One thread at a time. If it
/// cannot be written, nothing throws: the old one stays, which costs time and is never wrong.
class StatCacheWriter {
public:
  explicit StatCacheWriter(const std::filesystem::path& file);
  /// Appends a directory and returns where its block begins.
  std::uint64_t add(NewDirectory& directory);
  /// Copies an unchanged directory and everything below it from `old`.
  std::uint64_t copy(const StatCache& old, std::uint64_t offset);
  /// Puts the new cache in place of the old one.
  void commit(const CacheFacts& facts, std::uint64_t root_block);

private:
  void append(ByteView bytes);
  void flush();
  void give_up();
  std::filesystem::path path_;
  std::optional<fs::AtomicFile> file_; ///< Made with the first byte: an unchanged scan writes none.
  Bytes buffer_;
  std::uint64_t offset_ = 0;
  bool given_up_ = false;
};

} // namespace savepoint::project
