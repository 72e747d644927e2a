#include "conformance/driver_conformance.hpp"

#include "support/catch.hpp"

#include <algorithm>

namespace savepoint::conformance {

namespace {

using namespace std::chrono_literals;

// Late enough for every time on disk to be old.
Timestamp tomorrow() {
  return SystemClock().now() + 24h;
}

std::uint64_t rows(const manifest::DatabaseComponent& component) {
  std::uint64_t sum = 0;
  for (const manifest::Table& table : component.tables) {
    sum += table.rows;
  }
  return sum;
}

database::RestorationOptions options_for(const Database& database) {
  return {.scratch = database.scratch(), .create = true};
}

void restore(Database& database, const Image& image) {
  const auto restoration =
      database.driver().open_restoration(database.target(), image.component, options_for(database));
  stage(*restoration, image);
  restoration->swap();
  restoration->close();
}

} // namespace

std::string_view name_of(Sample sample) {
  switch (sample) {
  case Sample::empty:
    return "empty";
  case Sample::column_types:
    return "column types";
  case Sample::many_tables:
    return "many tables";
  case Sample::views_and_triggers:
    return "views and triggers";
  case Sample::foreign_keys:
    return "foreign keys";
  case Sample::generated_columns:
    return "generated columns";
  case Sample::awkward_names:
    return "awkward names";
  case Sample::large_values:
    return "large values";
  case Sample::routines:
    return "routines";
  case Sample::sequences:
    return "sequences";
  case Sample::partitions:
    return "partitions";
  case Sample::large_objects:
    return "large objects";
  }
  bug("an unknown sample");
}

std::string many_tables(std::string_view column) {
  std::string statements;
  for (int i = 0; i < 200; ++i) {
    const std::string number = std::to_string(i);
    const std::string name = "t" + number;
    statements += "CREATE TABLE " + name + "(" + std::string(column) + "); INSERT INTO " + name +
                  " VALUES(" + number + ");\n";
  }
  return statements;
}

Image capture(const Database& database) {
  const Cancellation cancellation;
  const auto capture =
      database.driver().open_capture(database.target(), database.scratch(), 5s, cancellation);
  REQUIRE(capture != nullptr);
  Image image;
  Bytes piece(70001); // no multiple of any page
  for (std::size_t got = 0; (got = capture->read(piece)) > 0;) {
    image.bytes.insert(image.bytes.end(), piece.begin(),
                       piece.begin() + static_cast<std::ptrdiff_t>(got));
  }
  image.component = capture->describe();
  image.component.name = database.target().name;
  image.component.image.size = image.bytes.size();
  return image;
}

void stage(database::Restoration& restoration, const Image& image) {
  constexpr std::size_t k_piece = 12345;
  for (ByteView left = image.bytes; !left.empty();) {
    const ByteView piece = left.first(std::min(k_piece, left.size()));
    restoration.write(piece);
    left = left.subspan(piece.size());
  }
  restoration.check(image.component);
}

void restores_exactly(const MakeDatabase& make, Sample sample) {
  CAPTURE(name_of(sample));
  const auto database = make();
  database->fill(sample);
  const std::string before = database->dump();
  const Image image = capture(*database);

  database->spoil();
  REQUIRE(database->dump() != before);
  restore(*database, image);
  CHECK(database->dump() == before);

  database->remove();
  restore(*database, image);
  CHECK(database->dump() == before);
}

void captures_without_a_trace(const MakeDatabase& make, Sample sample) {
  CAPTURE(name_of(sample));
  const auto database = make();
  database->fill(sample);
  const std::string before = database->dump();
  const std::string surroundings = database->surroundings();

  const Image image = capture(*database);

  CHECK(database->dump() == before);
  CHECK(database->surroundings() == surroundings);
  CHECK(std::filesystem::is_empty(database->scratch()));
  CHECK(image.component.driver == database->driver().name());
  CHECK(std::ranges::is_sorted(image.component.tables, {}, &manifest::Table::name));
  const bool has_rows =
      sample != Sample::empty && sample != Sample::large_objects && sample != Sample::sequences;
  CHECK((rows(image.component) > 0) == has_rows);
}

void rehearses(const MakeDatabase& make, Sample sample) {
  CAPTURE(name_of(sample));
  const auto database = make();
  database->fill(sample);
  const Image image = capture(*database);
  database->spoil();
  const std::string before = database->dump();

  {
    const auto rehearsal = database->driver().open_rehearsal(database->target(), image.component,
                                                             {.scratch = database->scratch()});
    CHECK_NOTHROW(stage(*rehearsal, image));
  }

  CHECK(database->dump() == before);
  CHECK(std::filesystem::is_empty(database->scratch()));
}

void undoes(const MakeDatabase& make, Sample sample) {
  CAPTURE(name_of(sample));
  const auto database = make();
  database->fill(sample);
  const Image image = capture(*database);
  database->spoil();
  const std::string before = database->dump();
  const std::string surroundings = database->surroundings();
  const auto swap_and_undo = [&] {
    const auto restoration = database->driver().open_restoration(
        database->target(), image.component, options_for(*database));
    stage(*restoration, image);
    restoration->swap();
    CHECK(database->exists());
    restoration->undo();
  };

  swap_and_undo();
  CHECK(database->dump() == before);
  CHECK(database->surroundings() == surroundings);

  database->remove();
  swap_and_undo();
  CHECK_FALSE(database->exists());
}

void abandons_without_a_trace(const MakeDatabase& make) {
  const auto database = make();
  database->fill(Sample::column_types);
  const Image image = capture(*database);
  database->spoil();
  const std::string before = database->dump();
  const std::string surroundings = database->surroundings();

  {
    const auto restoration = database->driver().open_restoration(
        database->target(), image.component, options_for(*database));
    stage(*restoration, image);
  }

  CHECK(database->dump() == before);
  CHECK(database->surroundings() == surroundings);
}

void refuses_other_images(const MakeDatabase& make) {
  const auto database = make();
  database->fill(Sample::column_types);
  const Image image = capture(*database);
  const auto refused = [&](const Image& other) {
    const auto rehearsal = database->driver().open_rehearsal(database->target(), other.component,
                                                             {.scratch = database->scratch()});
    CHECK_THROWS_AS(stage(*rehearsal, other), CorruptionError);
  };

  Image cut = image;
  cut.bytes.resize(cut.bytes.size() / 2);
  refused(cut);

  Image damaged = image;
  std::fill(damaged.bytes.begin() + static_cast<std::ptrdiff_t>(damaged.bytes.size() / 2),
            damaged.bytes.end(), std::byte{0x5a});
  refused(damaged);

  Image more_rows = image;
  more_rows.component.tables.at(0).rows += 1;
  refused(more_rows);

  Image more_tables = image;
  more_tables.component.tables.push_back({"zzz", 1});
  refused(more_tables);

  Image fewer_tables = image;
  fewer_tables.component.tables.clear();
  refused(fewer_tables);
}

void recognises_change(const MakeDatabase& make) {
  const auto database = make();
  database->fill(Sample::column_types);
  const database::Driver& driver = database->driver();
  REQUIRE(driver.capabilities().recognises_unchanged);

  const auto first = driver.fingerprint(database->target(), tomorrow());
  REQUIRE(first.has_value());
  const Image image = capture(*database);
  CHECK(driver.fingerprint(database->target(), tomorrow()) == first);

  database->spoil();
  CHECK(driver.fingerprint(database->target(), tomorrow()) != first);
  restore(*database, image);
  CHECK(driver.fingerprint(database->target(), tomorrow()) != first);
}

} // namespace savepoint::conformance
