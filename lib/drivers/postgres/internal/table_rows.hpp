#pragma once

#include "drivers/postgres/internal/facts.hpp"
#include "drivers/postgres/internal/session.hpp"
#include "fs/descriptor.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace savepoint::drivers::postgres {

/// Rows of a table in a file of ours, as COPY has them. The file has no name: it is gone when we
/// are.
class RowFile {
public:
  /// In `directory`, which must exist.
  explicit RowFile(const std::filesystem::path& directory);
  void add(ByteView bytes);
  /// Hands all of it to `put`, from the beginning.
  void read(const Session::Put& put) const;

private:
  std::filesystem::path directory_;
  fs::Descriptor file_;
};

/// What of some tables must be away while their rows are exchanged, and back afterwards: foreign
/// keys from and to them, which would look at rows half-way, and triggers, which would act.
class Unchained {
public:
  /// Takes it away. Requires an open transaction and that the tables are ours.
  Unchained(Session& session, const std::vector<TableId>& tables);
  /// Puts it back. Throws ServerError if a foreign key does not hold any more.
  void restore(Session& session) const;

private:
  std::vector<std::string> back_;
};

/// Has sequences that tables own go on after the largest of their values.
void advance_sequences(Session& session, const std::vector<TableId>& tables);

[[nodiscard]] std::string full_name(const TableId& table);

} // namespace savepoint::drivers::postgres
