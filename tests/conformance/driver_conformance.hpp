#pragma once

#include "database/driver.hpp"

#include <array>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace savepoint::conformance {

/// What a database may hold. Each driver's test writes them in the words of its own database.
enum class Sample {
  empty,              ///< No table at all.
  column_types,       ///< Every type of column, with null, smallest and largest values.
  many_tables,        ///< Two hundred tables.
  views_and_triggers, ///< Views on views, triggers that write to other tables.
  foreign_keys,       ///< Tables that refer to each other and to themselves.
  generated_columns,  ///< Stored and computed columns, expressions in indexes.
  awkward_names,      ///< Unicode, quotes, spaces, keywords as names; names that differ in case.
  large_values,       ///< Blobs and texts of several megabytes, with zeros in them.
  // What only servers keep; drivers of others are not asked for these.
  routines,      ///< Functions, procedures, triggers that call them, types of the user's own.
  sequences,     ///< Sequences at odd values: untouched, used, cyclic, descending.
  partitions,    ///< Partitioned tables, with partitions of partitions.
  large_objects, ///< A thousand objects that are in no table.
};

inline constexpr std::array k_samples{
    Sample::empty,         Sample::column_types,
    Sample::many_tables,   Sample::views_and_triggers,
    Sample::foreign_keys,  Sample::generated_columns,
    Sample::awkward_names, Sample::large_values,
};

inline constexpr std::array k_server_samples{
    Sample::routines,
    Sample::sequences,
    Sample::partitions,
    Sample::large_objects,
};

[[nodiscard]] std::string_view name_of(Sample sample);
/// The statements that make the two hundred tables, of one column and one row each.
[[nodiscard]] std::string many_tables(std::string_view column);

/// One database of a test, and what the promises below need to do to it.
class Database {
public:
  virtual ~Database() = default;
  [[nodiscard]] virtual const database::Driver& driver() const = 0;
  [[nodiscard]] virtual database::Target target() const = 0;
  [[nodiscard]] virtual std::filesystem::path scratch() const = 0;

  virtual void fill(Sample sample) = 0;
  /// Deletes rows, changes rows, drops a table and makes another, whatever the sample was.
  virtual void spoil() = 0;
  virtual void remove() = 0;
  [[nodiscard]] virtual bool exists() const = 0;
  /// Schema and rows as text that is equal exactly if the content is.
  [[nodiscard]] virtual std::string dump() const = 0;
  /// Everything that a test can see around the database, such as the names of the files beside it.
  [[nodiscard]] virtual std::string surroundings() const = 0;
};

using MakeDatabase = std::function<std::unique_ptr<Database>()>;

/// A capture, read to its end.
struct Image {
  Bytes bytes;
  manifest::DatabaseComponent component;
};
/// Requires that the target is a database.
[[nodiscard]] Image capture(const Database& database);
/// Hands the image to a restoration in pieces of uneven size and checks it.
void stage(database::Restoration& restoration, const Image& image);

// What every driver promises. Each function makes databases as it needs and CHECKs.

/// A restore over changes, and one to where there is nothing, bring back every sample exactly.
void restores_exactly(const MakeDatabase& make, Sample sample);
/// A capture changes neither the database nor what is around it, and describes what it took.
void captures_without_a_trace(const MakeDatabase& make, Sample sample);
/// A rehearsal accepts what a capture gave, and touches nothing but its scratch directory.
void rehearses(const MakeDatabase& make, Sample sample);
/// After `undo` everything is as it was before `swap`, and nothing of the restoration is left.
void undoes(const MakeDatabase& make, Sample sample);
/// A restoration that is given up before `swap` was never there.
void abandons_without_a_trace(const MakeDatabase& make);
/// An image that is cut short, damaged, or not the one of the snapshot, is refused.
void refuses_other_images(const MakeDatabase& make);
/// The fingerprint stays the same over captures and differs after any change.
void recognises_change(const MakeDatabase& make);

} // namespace savepoint::conformance
