#pragma once

#include "drivers/postgres/internal/archive.hpp"
#include "hash/checksum.hpp"
#include "hash/digest.hpp"

#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace savepoint::drivers::postgres {

/// What of an archive counts as content, as the restore would bring it back.
struct ContentRules {
  bool with_owners = false;
  bool with_privileges = false;
};

/// Counts the rows of an archive as it passes, and makes a digest of its content that is blind to
/// what two dumps of the same content may differ in: numbers of entries, OIDs, names of the
/// database and versions of programs.
class ArchiveSummary final : public ArchiveReader {
public:
  ArchiveSummary(const ArchiveHead& head, const ContentRules& rules)
      : head_(&head), rules_(rules) {}

  void data(const ArchiveEntry& entry, std::uint64_t large_object, ByteView bytes) override;
  void end_of_data(const ArchiveEntry& entry, std::uint64_t large_object) override;

  struct Rows {
    std::string schema;
    std::string table;
    std::uint64_t count = 0;
  };
  [[nodiscard]] const std::vector<Rows>& rows() const { return rows_; }
  [[nodiscard]] std::uint64_t large_objects() const { return large_objects_; }
  /// Once everything has passed.
  [[nodiscard]] std::string content() const;
  /// The same of definitions alone: it stays when only rows change.
  [[nodiscard]] std::string schema() const;

private:
  void take(ByteView bytes);
  void flush();

  const ArchiveHead* head_;
  ContentRules rules_;
  hash::Checksum128 hasher_; // what is compared, and names nothing
  Bytes pending_;            // rows come in small pieces
  std::uint64_t lines_ = 0;
  std::string tail_; // the last bytes of the data
  std::map<std::int64_t, std::array<std::byte, 16>> data_;
  std::vector<hash::Digest> objects_;
  std::vector<Rows> rows_;
  std::uint64_t large_objects_ = 0;
};

/// How a manifest names a table: without its schema if that is `public`; parts that are no plain
/// words in quotes.
[[nodiscard]] std::string table_name(const std::string& schema, const std::string& table);

/// What ends the rows of a table in an archive.
inline constexpr std::string_view k_end_of_rows = "\\.\n\n\n";

} // namespace savepoint::drivers::postgres
