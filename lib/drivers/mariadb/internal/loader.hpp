#pragma once

#include "drivers/mariadb/internal/script.hpp"
#include "drivers/mariadb/internal/session.hpp"
#include "drivers/mariadb/internal/stored_objects.hpp"

#include "base/cancellation.hpp"

#include <set>
#include <string>
#include <vector>

namespace savepoint::drivers::mariadb {

/// Loads an image into a schema while it arrives: tables, rows and sequences. What a schema has
/// beside them is only collected.
class Loader {
public:
  /// `only`: the tables to load; empty for everything. `session` must outlive the loader, and
  /// nothing else may be asked of it between the first `write` and `finish` but by the loader.
  Loader(Session& session, const std::string& schema, const std::vector<std::string>& only,
         const Cancellation* cancellation);

  /// Throws CorruptionError for what is no image, NotFoundError for what this server cannot take.
  void write(ByteView bytes);
  void finish();

  [[nodiscard]] const std::vector<StoredObject>& objects() const { return objects_; }

private:
  void begin(const Section& section);
  void take(std::string_view statement);
  void add_row(std::string_view statement);
  void flush();
  void execute(std::string_view sql);

  Session* session_;
  std::set<std::string> only_;
  const Cancellation* cancellation_;
  ScriptReader reader_;
  Section section_;
  bool in_object_ = false;
  bool is_wanted_ = false;
  std::string prefix_; ///< `INSERT INTO … VALUES `, of the rows in `batch_`.
  std::string batch_;
  std::size_t largest_batch_;
  std::vector<StoredObject> objects_;
};

} // namespace savepoint::drivers::mariadb
