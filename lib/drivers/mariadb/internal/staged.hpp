#pragma once

#include "database/driver.hpp"
#include "drivers/mariadb/internal/loader.hpp"
#include "drivers/mariadb/internal/scratch.hpp"
#include "drivers/mariadb/internal/tables.hpp"

#include <string>
#include <vector>

namespace savepoint::drivers::mariadb {

/// An image in a schema of its own: loaded, and compared with what the snapshot says.
class Staged {
public:
  /// Makes `schema`, one of `names`. `session` must outlive this.
  Staged(Session& session, ScratchNames names, std::string schema,
         const manifest::DatabaseComponent& expected, const database::RestorationOptions& options);

  void write(ByteView bytes) { loader_.write(bytes); }
  /// Throws CorruptionError if the image is not what the snapshot says.
  void check(const manifest::DatabaseComponent& expected);

  [[nodiscard]] const std::string& schema() const { return schema_; }
  /// Of the image; the schema has none of it.
  [[nodiscard]] const std::vector<StoredObject>& objects() const { return loader_.objects(); }
  /// What was staged, sorted by name.
  [[nodiscard]] std::vector<TableInfo> tables();

private:
  void check_tables(const manifest::DatabaseComponent& expected);
  void check_objects(const manifest::DatabaseComponent& expected);

  Session* session_;
  ScratchNames names_;
  std::string schema_;
  std::vector<std::string> only_;
  Loader loader_;
};

/// The schema's character set, as the snapshot says or as `otherwise`.
[[nodiscard]] SchemaInfo schema_info(const manifest::DatabaseComponent& expected);

} // namespace savepoint::drivers::mariadb
