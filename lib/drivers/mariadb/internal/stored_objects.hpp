#pragma once

#include "drivers/mariadb/internal/session.hpp"
#include "manifest/manifest.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace savepoint::drivers::mariadb {

/// A view, routine, trigger or event: what a schema has beside tables.
struct StoredObject {
  std::string kind;  ///< As DROP wants it: "VIEW", "PROCEDURE", "PACKAGE BODY" …
  std::string name;  ///< Unique among its kind.
  std::string table; ///< Of a trigger.
  /// SET statement for the modes and character sets under which it was made.
  std::string prologue;
  /// CREATE statement, without the name of the schema, in the character set of `prologue`.
  std::string statement;

  friend bool operator==(const StoredObject&, const StoredObject&) = default;
};

enum class Owner { strip, keep };

/// All of a schema, in the order in which they can be made (views among each other excepted).
/// Throws RefusedError if we may not see how one is made.
[[nodiscard]] std::vector<StoredObject> read_objects(Session& session, const std::string& schema,
                                                     Owner owner);

/// Whether a view shows something: not so if what it shows is gone, or its definer may not see it.
[[nodiscard]] bool is_valid_view(Session& session, const std::string& schema,
                                 const StoredObject& view);

/// The views that a capture did not hold, by what it said of the database.
[[nodiscard]] std::vector<std::string> invalid_views(const manifest::DatabaseComponent& component);

/// Of `present`, the views that are to stay although `wanted` has none of their names: those that
/// show nothing, which nobody could make again, and those called as in `wanted_invalid`.
[[nodiscard]] std::vector<StoredObject>
views_to_keep(Session& session, const std::string& schema, const std::vector<StoredObject>& present,
              const std::vector<StoredObject>& wanted,
              const std::vector<std::string>& wanted_invalid);

/// What to do about views that cannot be made because what they show is not there.
enum class InvalidViews { refuse, pass_over };

/// Makes objects in a schema. Views may come in any order.
void create_objects(Session& session, const std::string& schema,
                    const std::vector<StoredObject>& objects, InvalidViews invalid);

void drop_object(Session& session, const std::string& schema, const StoredObject& object);

/// Makes `wanted` what the schema has; what is the same already stays. Does nothing the second
/// time.
void settle_objects(Session& session, const std::string& schema,
                    const std::vector<StoredObject>& wanted, Owner owner);

} // namespace savepoint::drivers::mariadb
