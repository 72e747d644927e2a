#include "conformance/driver_conformance.hpp"
#include "drivers/all.hpp"
#include "support/sorted_lines.hpp"

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

#include <vector>

namespace conformance = savepoint::conformance;

using conformance::Sample;
using savepoint::test::shell;
using savepoint::test::sorted_lines;
using savepoint::test::TemporaryDirectory;
using savepoint::test::write_file;

namespace {

constexpr const char* k_column_types = R"(
CREATE TABLE numbers(i INTEGER PRIMARY KEY, n INT, r REAL, d NUMERIC, b BOOLEAN);
INSERT INTO numbers VALUES(-9223372036854775808, 0, -0.0, '1e400', 0),
  (9223372036854775807, 9007199254740993, 1.7976931348623157e308, 0.1, 1), (0, NULL, 5e-324, 7, NULL);
CREATE TABLE texts(t TEXT PRIMARY KEY, v VARCHAR(10), c COLLATE NOCASE) WITHOUT ROWID;
INSERT INTO texts VALUES('', 'ää', 'x'), ('a', NULL, ''), (char(9731), 'tab	', 'new
line');
CREATE TABLE blobs(b BLOB);
INSERT INTO blobs VALUES(x''), (x'00'), (x'00ff00'), (NULL), (zeroblob(100));
CREATE TABLE strict(a INT, b ANY) STRICT;
INSERT INTO strict VALUES(1, 'x'), (NULL, 2.5);
CREATE TABLE counted(i INTEGER PRIMARY KEY AUTOINCREMENT);
INSERT INTO counted VALUES(41);
DELETE FROM counted;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
  INSERT INTO numbers SELECT i, i * i, i / 7.0, i, i % 2 FROM n;
)";

constexpr const char* k_views_and_triggers = R"(
CREATE TABLE items(id INTEGER PRIMARY KEY, price INT);
CREATE TABLE log(what TEXT);
CREATE VIEW dear AS SELECT * FROM items WHERE price > 10;
CREATE VIEW dearest AS SELECT max(price) AS price FROM dear;
CREATE TRIGGER note AFTER INSERT ON items BEGIN INSERT INTO log VALUES('item ' || new.id); END;
CREATE TRIGGER sell INSTEAD OF DELETE ON dear BEGIN DELETE FROM items WHERE id = old.id; END;
INSERT INTO items VALUES(1, 5), (2, 50), (3, 500);
DELETE FROM dear WHERE id = 2;
CREATE VIRTUAL TABLE search USING fts5(body);
INSERT INTO search VALUES('needle in the hay');
)";

constexpr const char* k_foreign_keys = R"(
PRAGMA foreign_keys=ON;
CREATE TABLE people(id INTEGER PRIMARY KEY, boss REFERENCES people(id) DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE cars(plate TEXT PRIMARY KEY, owner NOT NULL REFERENCES people(id) ON DELETE CASCADE);
BEGIN; INSERT INTO people VALUES(1, 2), (2, 1), (3, NULL); COMMIT;
INSERT INTO cars VALUES('A 1', 1), ('B 2', 3);
)";

constexpr const char* k_generated_columns = R"(
CREATE TABLE boxes(w INT, h INT, area INT AS (w * h) STORED, label TEXT AS (w || 'x' || h));
INSERT INTO boxes(w, h) VALUES(2, 3), (4, 5);
CREATE INDEX by_label ON boxes(lower(label)) WHERE area > 6;
CREATE UNIQUE INDEX by_size ON boxes(w DESC, h);
)";

constexpr const char* k_awkward_names = R"(
CREATE TABLE "my ""own"" table"("select" INT, "it's" TEXT, "a.b;--" INT);
INSERT INTO "my ""own"" table" VALUES(1, 'x', 2);
CREATE TABLE "order"(i); INSERT INTO "order" VALUES(1);
CREATE TABLE "ÖSE ☃"("ключ" TEXT); INSERT INTO "ÖSE ☃" VALUES('значение');
CREATE TABLE "öse ☃"("ключ" TEXT); INSERT INTO "öse ☃" VALUES('другое');
CREATE TABLE " "(" "); INSERT INTO " " VALUES(1);
CREATE TABLE "new
line"(i); INSERT INTO "new
line" VALUES(1);
CREATE TABLE "under_score%"(i); INSERT INTO "under_score%" VALUES(1);
)";

constexpr const char* k_large_values = R"(
CREATE TABLE large(i INTEGER PRIMARY KEY, b BLOB, t TEXT);
INSERT INTO large VALUES(1, zeroblob(3000000), NULL), (2, randomblob(2000000), NULL),
  (3, NULL, hex(randomblob(1000000)));
)";

std::string script(Sample sample) {
  switch (sample) {
  case Sample::empty:
    return "PRAGMA user_version=7;";
  case Sample::column_types:
    return k_column_types;
  case Sample::many_tables:
    return "BEGIN;" + conformance::many_tables("i") + "COMMIT;";
  case Sample::views_and_triggers:
    return k_views_and_triggers;
  case Sample::foreign_keys:
    return k_foreign_keys;
  case Sample::generated_columns:
    return k_generated_columns;
  case Sample::awkward_names:
    return k_awkward_names;
  case Sample::large_values:
    return k_large_values;
  default:
    break;
  }
  throw std::logic_error("an unknown sample");
}

class SqliteDatabase final : public conformance::Database {
public:
  explicit SqliteDatabase(std::string journal_mode) : journal_mode_(std::move(journal_mode)) {
    std::filesystem::create_directory(directory_ / "data");
    std::filesystem::create_directory(directory_ / "scratch");
  }

  [[nodiscard]] const savepoint::database::Driver& driver() const override {
    return savepoint::drivers::find("sqlite");
  }
  [[nodiscard]] savepoint::database::Target target() const override {
    return {"data/app.db", "sqlite", file(), "data/app.db"};
  }
  [[nodiscard]] std::filesystem::path scratch() const override { return directory_ / "scratch"; }

  void fill(Sample sample) override {
    run("PRAGMA journal_mode=" + journal_mode_ + ";\n" + script(sample));
  }
  void spoil() override {
    run("CREATE TABLE spoilt(i); INSERT INTO spoilt VALUES(1);\n"
        "DROP TABLE IF EXISTS numbers; DROP TABLE IF EXISTS t7;");
  }
  void remove() override { std::filesystem::remove(file()); }
  [[nodiscard]] bool exists() const override { return std::filesystem::exists(file()); }

  [[nodiscard]] std::string dump() const override {
    return sorted_lines(
        shell(directory_.path(), "sqlite3 data/app.db .dump 'PRAGMA user_version'"));
  }
  [[nodiscard]] std::string surroundings() const override {
    return shell(directory_.path(), "ls -lA --time-style=+ data | sed 1d");
  }

private:
  [[nodiscard]] std::filesystem::path file() const { return directory_ / "data/app.db"; }
  void run(const std::string& sql) const {
    write_file(directory_ / "script.sql", "PRAGMA synchronous=OFF;\n" + sql);
    shell(directory_.path(), "sqlite3 -bail data/app.db < script.sql");
  }

  TemporaryDirectory directory_;
  std::string journal_mode_;
};

conformance::MakeDatabase maker(const std::string& journal_mode) {
  return [=] { return std::make_unique<SqliteDatabase>(journal_mode); };
}

std::string journal_modes() {
  return GENERATE(as<std::string>(), "DELETE", "WAL");
}
Sample samples() {
  return GENERATE(from_range(conformance::k_samples));
}

} // namespace

TEST_CASE("SQLite: every content is restored exactly") {
  conformance::restores_exactly(maker(journal_modes()), samples());
}

TEST_CASE("SQLite: a capture leaves no trace") {
  conformance::captures_without_a_trace(maker(journal_modes()), samples());
}

TEST_CASE("SQLite: a rehearsal accepts every capture") {
  conformance::rehearses(maker(journal_modes()), samples());
}

TEST_CASE("SQLite: a restore can be undone") {
  conformance::undoes(maker(journal_modes()), samples());
}

TEST_CASE("SQLite: a restore given up was never there") {
  conformance::abandons_without_a_trace(maker(journal_modes()));
}

TEST_CASE("SQLite: an image that is not the snapshot's is refused") {
  conformance::refuses_other_images(maker(journal_modes()));
}

TEST_CASE("SQLite: a change is never taken for none") {
  conformance::recognises_change(maker(journal_modes()));
}
