#include "conformance/driver_conformance.hpp"
#include "drivers/all.hpp"

#include "support/catch.hpp"
#include "support/postgres_server.hpp"
#include "support/temporary_directory.hpp"

#include <algorithm>
#include <vector>

namespace conformance = savepoint::conformance;

using conformance::Sample;
using savepoint::test::PostgresServer;
using savepoint::test::TemporaryDirectory;

namespace {

constexpr const char* k_column_types = R"(
CREATE TABLE numbers(id bigint PRIMARY KEY, s smallint, i integer, r real, d double precision,
  n numeric, m money, b boolean);
INSERT INTO numbers VALUES(-9223372036854775808, -32768, -2147483648, '-Infinity', 'NaN',
  '-1e400', '-92233720368547758.08', false),
  (9223372036854775807, 32767, 2147483647, 3.4e38, 1.7976931348623157e308, 'NaN',
  '92233720368547758.07', true), (0, NULL, NULL, 'NaN', 5e-324, 0.1000, NULL, NULL);
CREATE TABLE texts(t text PRIMARY KEY, v varchar(10), c char(5), n name, b bytea);
INSERT INTO texts VALUES('', 'ää', 'x', 'n', '\x00'), (E'tab\tnew\nline\\.', NULL, '', NULL, ''),
  (E'\\.', '\N', 'a', '', NULL), ('☃', E'\r\n', NULL, 'x', decode(repeat('00ff', 1000), 'hex'));
CREATE TABLE times(d date, t time, tz timetz, ts timestamp, tstz timestamptz, i interval);
INSERT INTO times VALUES('infinity', '24:00', '23:59:59.999999+14', '-infinity',
  '294276-12-31 23:59:59.999999+00', '1 year -2 days 03:04:05.678'), ('4713-01-01 BC', '00:00',
  NULL, '2026-11-21 01:02:03.4', '2026-11-21 01:02:03+05:30', '-178000000 years');
CREATE TABLE others(u uuid, j json, jb jsonb, x xml, a int[], aa text[][], p point, po polygon,
  ip inet, c cidr, m macaddr, bi bit(3), bv bit varying, ts tsvector, q tsquery, r int4range,
  mr int4multirange, l pg_lsn);
INSERT INTO others VALUES('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"a" : [1,2]}', '{"b":null}',
  '<a>x</a>', '{1,NULL,3}', '{{"a","b,\"c"},{"","NULL"}}', '(1,2)', '((0,0),(1,1),(2,0))',
  '::1/64', '10.0.0.0/8', '08:00:2b:01:02:03', B'101', B'', 'a fat cat', 'fat & rat', '[1,10)',
  '{[1,2),[5,9)}', '0/16AE7F8'), (NULL, NULL, NULL, NULL, '{}', NULL, NULL, NULL, NULL, NULL, NULL,
  NULL, NULL, NULL, NULL, 'empty', NULL, NULL);
CREATE TABLE without_columns();
INSERT INTO without_columns DEFAULT VALUES;
CREATE UNLOGGED TABLE fleeting(i int);
INSERT INTO fleeting VALUES (1), (2);
INSERT INTO numbers SELECT i, i % 100, i, i / 7.0, i, i, i, i % 2 = 0 FROM generate_series(1, 3000) i;
)";

constexpr const char* k_views_and_triggers = R"(
CREATE TABLE items(id serial PRIMARY KEY, price int);
CREATE TABLE log(what text);
CREATE VIEW dear AS SELECT * FROM items WHERE price > 10;
CREATE VIEW dearest AS SELECT max(price) AS price FROM dear;
CREATE MATERIALIZED VIEW cheapest AS SELECT min(price) AS price FROM items;
CREATE UNIQUE INDEX ON cheapest(price);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
  $$BEGIN INSERT INTO public.log VALUES('item ' || new.id); RETURN new; END$$;
CREATE TRIGGER note AFTER INSERT ON items FOR EACH ROW EXECUTE FUNCTION note();
CREATE RULE sell AS ON DELETE TO dear DO INSTEAD DELETE FROM items WHERE id = old.id;
INSERT INTO items(price) VALUES(5), (50), (500);
DELETE FROM dear WHERE id = 2;
REFRESH MATERIALIZED VIEW cheapest;
)";

constexpr const char* k_foreign_keys = R"(
CREATE TABLE people(id int PRIMARY KEY, boss int REFERENCES people DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE cars(plate text PRIMARY KEY, owner int NOT NULL REFERENCES people ON DELETE CASCADE);
BEGIN; INSERT INTO people VALUES(1, 2), (2, 1), (3, NULL); COMMIT;
INSERT INTO cars VALUES('A 1', 1), ('B 2', 3);
CREATE TABLE a(i int PRIMARY KEY); CREATE TABLE b(i int PRIMARY KEY REFERENCES a);
ALTER TABLE a ADD FOREIGN KEY(i) REFERENCES b DEFERRABLE INITIALLY DEFERRED;
BEGIN; INSERT INTO a VALUES(1); INSERT INTO b VALUES(1); COMMIT;
)";

constexpr const char* k_generated_columns = R"(
CREATE TABLE boxes(id int GENERATED ALWAYS AS IDENTITY, w int, h int,
  area int GENERATED ALWAYS AS (w * h) STORED, label text DEFAULT 'none', CHECK(w > 0));
INSERT INTO boxes(w, h) VALUES(2, 3), (4, 5);
ALTER TABLE boxes DROP COLUMN label;
CREATE INDEX by_sum ON boxes((w + h)) WHERE area > 6;
CREATE UNIQUE INDEX by_size ON boxes(w DESC NULLS LAST, h) INCLUDE(area);
CREATE STATISTICS related ON w, h FROM boxes;
CREATE TABLE halls(EXCLUDE USING gist (during WITH &&)) INHERITS (boxes);
)";

constexpr const char* k_awkward_names = R"(
CREATE TABLE "my ""own"" table"("select" int, "it's" text, "a.b;--" int);
INSERT INTO "my ""own"" table" VALUES(1, 'x', 2);
CREATE TABLE "order"(i int); INSERT INTO "order" VALUES(1);
CREATE TABLE "Upper"("Id" int); INSERT INTO "Upper" VALUES(1);
CREATE TABLE upper("Id" int); INSERT INTO upper VALUES(2);
CREATE TABLE "ÖSE ☃"("ключ" text); INSERT INTO "ÖSE ☃" VALUES('значение');
CREATE TABLE " "(" " int); INSERT INTO " " VALUES(1);
CREATE TABLE "new
line"(i int); INSERT INTO "new
line" VALUES(1);
CREATE SCHEMA "Sales.EU"; CREATE TABLE "Sales.EU"."order"(i int); INSERT INTO "Sales.EU"."order" VALUES(1);
CREATE SCHEMA sales; CREATE TABLE sales.eu(i int); INSERT INTO sales.eu VALUES(1), (2);
COMMENT ON TABLE sales.eu IS 'it''s
a table';
)";

constexpr const char* k_large_values = R"(
CREATE TABLE large(i int PRIMARY KEY, b bytea, t text);
INSERT INTO large VALUES(1, decode(repeat('00', 3000000), 'hex'), NULL),
  (2, NULL, repeat('long ', 600000)),
  (3, NULL, (SELECT string_agg(md5(g::text), '') FROM generate_series(1, 60000) g));
)";

constexpr const char* k_routines = R"(
CREATE TYPE mood AS ENUM('sad', 'ok', 'happy');
ALTER TYPE mood ADD VALUE 'fine' BEFORE 'happy';
CREATE TYPE pair AS (a int, b text);
CREATE DOMAIN positive AS int CHECK(VALUE > 0);
CREATE TABLE people(id positive, feels mood, p pair);
INSERT INTO people VALUES(1, 'fine', (1, 'x')), (2, 'sad', NULL);
CREATE FUNCTION add(a int, b int DEFAULT 1) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT a + b';
CREATE FUNCTION add(a text) RETURNS text LANGUAGE plpgsql AS 'BEGIN RETURN a || ''+''; END';
CREATE PROCEDURE cheer(INOUT n int) LANGUAGE plpgsql AS
  $$BEGIN UPDATE public.people SET feels = 'happy'; n := n + 1; END$$;
CREATE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
CREATE OPERATOR |> (LEFTARG = int, RIGHTARG = int, FUNCTION = add);
CREATE INDEX by_sum ON people(add(id::int, 2));
ALTER TABLE people ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON people USING (id > 0);
CREATE EXTENSION citext;
CREATE EXTENSION pgcrypto;
COMMENT ON EXTENSION citext IS 'text without case';
CREATE TABLE mails(address citext); INSERT INTO mails VALUES('A@b.example');
)";

constexpr const char* k_sequences = R"(
CREATE SEQUENCE untouched START 42;
CREATE SEQUENCE used; SELECT nextval('used'); SELECT nextval('used');
CREATE SEQUENCE going_down INCREMENT -3 START -1; SELECT nextval('going_down');
CREATE SEQUENCE round MAXVALUE 2 CYCLE CACHE 5; SELECT nextval('round'), nextval('round'), nextval('round');
CREATE SEQUENCE small AS smallint; SELECT setval('small', 32767);
CREATE SEQUENCE not_called; SELECT setval('not_called', 77, false);
CREATE TABLE counted(i bigserial); SELECT setval('counted_i_seq', 9223372036854775806);
CREATE TABLE identity(i int GENERATED BY DEFAULT AS IDENTITY (START 10 INCREMENT 5));
)";

constexpr const char* k_partitions = R"(
CREATE TABLE events(id int, at date, PRIMARY KEY(id, at)) PARTITION BY RANGE(at);
CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')
  PARTITION BY HASH(id);
CREATE TABLE events_2026_0 PARTITION OF events_2026 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE events_2026_1 PARTITION OF events_2026 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE events_other PARTITION OF events DEFAULT;
CREATE INDEX ON events(at);
INSERT INTO events SELECT i, date '2025-06-01' + i FROM generate_series(1, 900) i;
CREATE TABLE parent(i int); CREATE TABLE child(j int) INHERITS(parent);
INSERT INTO parent VALUES(1); INSERT INTO child VALUES(2, 3), (4, 5);
)";

constexpr const char* k_large_objects = R"(
SELECT count(lo_from_bytea(0, decode(md5(i::text), 'hex'))) FROM generate_series(1, 999) i;
SELECT lo_from_bytea(424242, decode(repeat('00ff', 500000), 'hex'));
COMMENT ON LARGE OBJECT 424242 IS 'the answer';
)";

std::string script(Sample sample) {
  switch (sample) {
  case Sample::empty:
    return "";
  case Sample::column_types:
    return k_column_types;
  case Sample::many_tables:
    return "BEGIN;" + conformance::many_tables("i int") + "COMMIT;";
  case Sample::views_and_triggers:
    return k_views_and_triggers;
  case Sample::foreign_keys:
    return k_foreign_keys;
  case Sample::generated_columns: {
    std::string sql = k_generated_columns;
    const std::string halls = "CREATE TABLE halls(";
    return sql.replace(sql.find(halls), halls.size(), halls + "during int4range, ");
  }
  case Sample::awkward_names:
    return k_awkward_names;
  case Sample::large_values:
    return k_large_values;
  case Sample::routines:
    return k_routines;
  case Sample::sequences:
    return k_sequences;
  case Sample::partitions:
    return k_partitions;
  case Sample::large_objects:
    return k_large_objects;
  }
  throw std::logic_error("an unknown sample");
}

/// As a role that may make databases, and nothing else.
class PostgresDatabase final : public conformance::Database {
public:
  PostgresDatabase() {
    std::filesystem::create_directory(directory_ / "scratch");
    server_.drop_database(k_name);
    server_.create_database(k_name);
  }
  ~PostgresDatabase() override { server_.drop_database(k_name); }
  PostgresDatabase(const PostgresDatabase&) = delete;
  PostgresDatabase& operator=(const PostgresDatabase&) = delete;

  [[nodiscard]] const savepoint::database::Driver& driver() const override {
    return savepoint::drivers::find("postgres");
  }
  [[nodiscard]] savepoint::database::Target target() const override {
    return server_.target(k_name);
  }
  [[nodiscard]] std::filesystem::path scratch() const override { return directory_ / "scratch"; }

  void fill(Sample sample) override { server_.sql(k_name, script(sample), "app"); }
  void spoil() override {
    server_.sql(k_name,
                "CREATE TABLE spoilt(i int); INSERT INTO spoilt VALUES(1); DROP TABLE IF EXISTS "
                "numbers, t7; SELECT lo_unlink(oid) FROM pg_largeobject_metadata LIMIT 1",
                "app");
  }
  void remove() override { server_.drop_database(k_name); }
  [[nodiscard]] bool exists() const override {
    return server_.databases().find(k_name) != std::string::npos;
  }
  [[nodiscard]] std::string dump() const override { return server_.dump(k_name); }
  [[nodiscard]] std::string surroundings() const override { return server_.databases(); }

private:
  static constexpr const char* k_name = "My Shop";

  PostgresServer& server_ = PostgresServer::shared();
  TemporaryDirectory directory_;
};

std::unique_ptr<conformance::Database> make() {
  return std::make_unique<PostgresDatabase>();
}

std::vector<Sample> samples() {
  std::vector<Sample> all(conformance::k_samples.begin(), conformance::k_samples.end());
  all.insert(all.end(), conformance::k_server_samples.begin(), conformance::k_server_samples.end());
  return all;
}

} // namespace

TEST_CASE("PostgreSQL: every content is restored exactly") {
  for (const Sample sample : samples()) {
    conformance::restores_exactly(make, sample);
  }
}

TEST_CASE("PostgreSQL: a capture leaves no trace") {
  for (const Sample sample : samples()) {
    conformance::captures_without_a_trace(make, sample);
  }
}

TEST_CASE("PostgreSQL: a rehearsal accepts every capture") {
  for (const Sample sample : samples()) {
    conformance::rehearses(make, sample);
  }
}

TEST_CASE("PostgreSQL: a restore can be undone") {
  for (const Sample sample : {Sample::column_types, Sample::routines, Sample::large_objects}) {
    conformance::undoes(make, sample);
  }
}

TEST_CASE("PostgreSQL: a restore given up was never there") {
  conformance::abandons_without_a_trace(make);
}

TEST_CASE("PostgreSQL: an image that is not the snapshot's is refused") {
  conformance::refuses_other_images(make);
}

TEST_CASE("PostgreSQL: a change is never taken for none") {
  conformance::recognises_change(make);
}
