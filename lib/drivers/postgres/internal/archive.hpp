#pragma once

#include "base/bytes.hpp"
#include "manifest/manifest.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace savepoint::drivers::postgres {

// What `pg_dump -Fc` writes to a pipe: a header, a table of contents (TOC), then the data of each
// entry that has some. We read it as it passes: to give the same content the same bytes, to count
// rows, and to notice where it ends too early. docs/drivers/postgres.md has the grammar.

/// The archive formats that are known: 1.14 (pg_dump 12 to 15), 1.15 (16), 1.16 (17 and 18).
inline constexpr int k_oldest_format = 14;
inline constexpr int k_newest_format = 16;
/// The oldest pg_restore (its major version) that reads a format.
[[nodiscard]] int oldest_restore_for(int format);

/// One line of the table of contents.
struct ArchiveEntry {
  std::int64_t id = 0;
  bool has_data = false;
  std::string kind; ///< "TABLE", "TABLE DATA", "INDEX", "BLOBS" …
  std::string schema;
  std::string tag;
  std::string owner;
  std::string definition;
  std::string copy; ///< The COPY statement that takes its data.
  std::vector<std::int64_t> dependencies;
  std::size_t begin = 0; ///< Where it stands in the head.
  std::size_t end = 0;
};

/// All before the data.
struct ArchiveHead {
  int format = 0;       ///< 14 for 1.14.
  std::string database; ///< Its name when it was dumped.
  std::string server;   ///< "15.4 (Debian …)"
  std::size_t created_at = 0;
  std::size_t created_end = 0;
  std::size_t count_at = 0; ///< Where the number of entries stands.
  std::vector<ArchiveEntry> entries;
  std::size_t size = 0;

  [[nodiscard]] const ArchiveEntry* find(std::int64_t id) const;
};

/// Reads the head that `bytes` begin with; nothing if it goes on after them.
///
/// Throws CorruptionError if it is none, NotFoundError if its format is not known.
[[nodiscard]] std::optional<ArchiveHead> parse_head(ByteView bytes);
/// Puts a fixed time in the place of the one when the dump was made.
void forget_time(std::span<std::byte> head, const ArchiveHead& parsed);
/// Says where in the file the data of each entry begin, which a dump into a pipe leaves open.
void set_positions(std::span<std::byte> head, const ArchiveHead& parsed,
                   const std::map<std::int64_t, std::uint64_t>& data_at);
/// The same head without the entries that `drop` names.
[[nodiscard]] Bytes without_entries(ByteView head, const ArchiveHead& parsed,
                                    const std::set<std::int64_t>& drop);

/// Who wants to know what the data of an archive are.
class ArchiveReader {
public:
  virtual ~ArchiveReader() = default;
  /// The data of an entry begin, so many bytes after the head.
  virtual void begin_of_data(const ArchiveEntry&, std::uint64_t) {}
  /// Bytes of the data of an entry; of large objects each has a number of its own, else 0.
  virtual void data(const ArchiveEntry& entry, std::uint64_t large_object, ByteView bytes) = 0;
  /// The data of the entry, or of one of its large objects, are complete.
  virtual void end_of_data(const ArchiveEntry& entry, std::uint64_t large_object) = 0;
};

/// Follows the data of an archive as they pass.
class ArchiveData {
public:
  /// Both must outlive this object.
  ArchiveData(const ArchiveHead& head, ArchiveReader& reader) : head_(&head), reader_(&reader) {
    for (const ArchiveEntry& entry : head.entries) {
      by_id_[entry.id] = &entry;
    }
  }
  /// Throws CorruptionError if this cannot be what follows the head.
  void pass(ByteView bytes);
  /// Throws CorruptionError unless the data of every entry were there to their end.
  void expect_complete() const;

private:
  enum class At { block, entry_id, object_id, length, data };
  void take_number(std::int64_t value);

  const ArchiveHead* head_;
  ArchiveReader* reader_;
  std::map<std::int64_t, const ArchiveEntry*> by_id_;
  At at_ = At::block;
  bool has_objects_ = false;
  std::array<std::byte, 5> number_{};
  std::size_t number_size_ = 0;
  const ArchiveEntry* entry_ = nullptr;
  std::uint64_t object_ = 0;
  std::uint64_t left_ = 0;
  std::uint64_t passed_ = 0;
  std::uint64_t block_at_ = 0;
  std::set<std::int64_t> seen_;
};

} // namespace savepoint::drivers::postgres
