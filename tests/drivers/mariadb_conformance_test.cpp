#include "conformance/driver_conformance.hpp"
#include "drivers/all.hpp"

#include "support/catch.hpp"
#include "support/mariadb_server.hpp"
#include "support/temporary_directory.hpp"

#include <stdexcept>
#include <vector>

namespace conformance = savepoint::conformance;

using conformance::Sample;
using savepoint::test::MariadbServer;
using savepoint::test::TemporaryDirectory;

namespace {

constexpr const char* k_column_types = R"(
CREATE TABLE numbers(i BIGINT PRIMARY KEY, t TINYINT, s SMALLINT UNSIGNED ZEROFILL, m MEDIUMINT,
  n INT UNSIGNED, u BIGINT UNSIGNED, f FLOAT, d DOUBLE, e DECIMAL(65, 30), b BIT(64), y YEAR, o BOOLEAN);
INSERT INTO numbers VALUES
  (-9223372036854775808, -128, 7, -8388608, 4294967295, 18446744073709551615, 3.4028234e38,
   1.7976931348623157e308, 12345678901234567890123456789012345.123456789012345678901234567890,
   b'1111111111111111111111111111111111111111111111111111111111111111', 1901, 1),
  (9223372036854775807, 127, 65535, 8388607, 0, 0, 16777215, 5e-324, -0.000000000000000000000000000001, b'0', 2155, 0),
  (0, NULL, NULL, NULL, NULL, NULL, 0.1, 0.1, NULL, NULL, NULL, NULL);
CREATE TABLE texts(c CHAR(10) CHARACTER SET latin1 COLLATE latin1_german1_ci, v VARCHAR(200), t TEXT, l LONGTEXT,
  e ENUM('a', 'it''s', 'ö'), s SET('x', 'y', 'z'), j JSON, k VARCHAR(20) CHARACTER SET utf16);
INSERT INTO texts VALUES ('äöüß', 'tab\there\nand\\there', '''quoted''', 'a;b', 'it''s', 'x,z', '{"a": [1, "é"]}', '𝄞'),
  ('', '', '', '', 'a', '', '[]', ''), (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  ('x', '☃ 😀 \0 \Z %_', 'DELIMITER ;;\n-- Section TABLE x\n;;', '\r\n', 'ö', 'y', 'null', 'ключ');
CREATE TABLE bytes(b BINARY(4), v VARBINARY(100), t TINYBLOB, l LONGBLOB, u UUID, i INET6);
INSERT INTO bytes VALUES (x'00ff', x'00010203275c0a0d1aff', x'', x'e25c27', '123e4567-e89b-12d3-a456-426614174000', '::ffff:1.2.3.4'),
  (NULL, NULL, NULL, NULL, NULL, NULL);
CREATE TABLE times(d DATE, t TIME(6), dt DATETIME(6), ts TIMESTAMP(3) NULL, z TIMESTAMP NOT NULL DEFAULT '0000-00-00 00:00:00');
SET sql_mode = 'ALLOW_INVALID_DATES', time_zone = '+05:00';
INSERT INTO times VALUES ('0000-00-00', '-838:59:59.999999', '9999-12-31 23:59:59.999999', '2026-03-29 02:30:00.123', '2038-01-19 03:14:07'),
  ('2021-02-30', '00:00:00.000001', '1000-01-01 00:00:00', NULL, 0);
SET sql_mode = DEFAULT;
CREATE TABLE shapes(g GEOMETRY NOT NULL, p POINT, SPATIAL INDEX(g));
INSERT INTO shapes VALUES (ST_GeomFromText('POLYGON((0 0,10 0,10 10,0 0))', 4326), POINT(1.5, -2.25));
CREATE TABLE counted(i INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(9) DEFAULT 'a;b');
INSERT INTO counted VALUES (41, 'x'); DELETE FROM counted;
INSERT INTO counted(v) VALUES ('y'); UPDATE counted SET i = 0;
CREATE TABLE keyless(a INT, b TEXT);
INSERT INTO keyless VALUES (3, 'c'), (1, 'a'), (1, 'a'), (2, NULL);
CREATE TABLE old(a INT PRIMARY KEY, b TEXT, FULLTEXT(b)) ENGINE=MyISAM;
INSERT INTO old VALUES (2, 'two'), (1, 'one');
CREATE TABLE kept(a INT) ENGINE=Aria; INSERT INTO kept VALUES (1);
INSERT INTO numbers(i, d) SELECT seq, seq / 7 FROM seq_1_to_3000;
)";

constexpr const char* k_views_and_triggers = R"(
CREATE TABLE items(id INT PRIMARY KEY, price INT);
CREATE TABLE log(n INT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(100));
CREATE VIEW zz AS SELECT * FROM items WHERE price > 10;
CREATE VIEW aa AS SELECT MAX(price) AS price FROM zz;
CREATE SEQUENCE numbers_taken START WITH 5 INCREMENT BY 3 CACHE 10;
DO NEXTVAL(numbers_taken);
CREATE SEQUENCE odd START WITH 7 INCREMENT BY 2 MAXVALUE 99 CYCLE NOCACHE;
DO NEXTVAL(odd);
CREATE TABLE orders(id BIGINT DEFAULT (NEXTVAL(numbers_taken)) PRIMARY KEY, item INT);
INSERT INTO orders(item) VALUES (1), (2);
DELIMITER //
CREATE FUNCTION twice(n INT) RETURNS INT DETERMINISTIC
BEGIN
  -- a comment;
  RETURN n * 2;
END//
CREATE PROCEDURE clear_log(IN most INT) MODIFIES SQL DATA
BEGIN
  DELETE FROM log WHERE n > most;
  SELECT 'it''s ;; done';
END//
CREATE TRIGGER b_first AFTER INSERT ON items FOR EACH ROW INSERT INTO log(what) VALUES (CONCAT('item ', NEW.id))//
CREATE TRIGGER a_second AFTER INSERT ON items FOR EACH ROW FOLLOWS b_first
BEGIN
  INSERT INTO log(what) VALUES ('again');
END//
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' COMMENT 'it''s' DO
BEGIN
  CALL clear_log(100);
END//
DELIMITER ;
CREATE VIEW doubled AS SELECT twice(price) AS price, 'it''s `x`.`twice`(' AS text FROM items;
SET sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT';
CREATE PROCEDURE other_mode() SELECT "id" || 'x' FROM "items";
SET sql_mode = DEFAULT;
INSERT INTO items VALUES (1, 5), (2, 50), (3, 500);
)";

constexpr const char* k_foreign_keys = R"(
CREATE TABLE z_people(id INT PRIMARY KEY, boss INT, FOREIGN KEY (boss) REFERENCES z_people(id));
CREATE TABLE cars(plate VARCHAR(10) PRIMARY KEY, owner INT NOT NULL,
  CONSTRAINT owned FOREIGN KEY (owner) REFERENCES z_people(id) ON DELETE CASCADE ON UPDATE RESTRICT);
CREATE TABLE a_loop(id INT PRIMARY KEY, other INT);
CREATE TABLE b_loop(id INT PRIMARY KEY, other INT, FOREIGN KEY (other) REFERENCES a_loop(id));
ALTER TABLE a_loop ADD FOREIGN KEY (other) REFERENCES b_loop(id);
SET foreign_key_checks = 0;
INSERT INTO z_people VALUES (1, 2), (2, 1), (3, NULL);
INSERT INTO a_loop VALUES (1, 1); INSERT INTO b_loop VALUES (1, 1);
SET foreign_key_checks = 1;
INSERT INTO cars VALUES ('A 1', 1), ('B 2', 3);
)";

constexpr const char* k_generated_columns = R"(
CREATE TABLE boxes(w INT, h INT, area INT AS (w * h) STORED, label VARCHAR(30) AS (CONCAT(w, 'x', h)) VIRTUAL,
  hidden INT INVISIBLE DEFAULT 9, INDEX (label), CHECK (w > 0));
INSERT INTO boxes(w, h) VALUES (2, 3), (4, 5);
SET check_constraint_checks = 0; INSERT INTO boxes(w, h, hidden) VALUES (-1, 1, 7);
CREATE TABLE parts(id INT, made DATE, PRIMARY KEY (id, made)) PARTITION BY RANGE (YEAR(made))
  (PARTITION old VALUES LESS THAN (2000), PARTITION young VALUES LESS THAN MAXVALUE);
INSERT INTO parts VALUES (1, '1999-01-01'), (2, '2020-01-01'), (1, '2021-01-01');
CREATE TABLE hashed(id INT PRIMARY KEY) PARTITION BY HASH(id) PARTITIONS 4;
INSERT INTO hashed SELECT seq FROM seq_1_to_50;
CREATE TABLE computed(a INT AS (1) VIRTUAL); INSERT INTO computed VALUES (), ();
)";

constexpr const char* k_awkward_names = R"(
CREATE TABLE `my ``own`` table`(`select` INT, `it's` TEXT, `a.b;--` INT);
INSERT INTO `my ``own`` table` VALUES (1, 'x', 2);
CREATE TABLE `order`(i INT); INSERT INTO `order` VALUES (1);
CREATE TABLE `ÖSE ☃`(`ключ` TEXT); INSERT INTO `ÖSE ☃` VALUES ('значение');
CREATE TABLE `Upper`(i INT); INSERT INTO `Upper` VALUES (1);
CREATE TABLE `upper`(i INT); INSERT INTO `upper` VALUES (2);
CREATE TABLE `new
line;`(`a
b` INT, c INT AS (1)); INSERT INTO `new
line;`(`a
b`) VALUES (1), (2);
CREATE TABLE `x VALUES (`(`VALUES (` INT, g INT AS (1) VIRTUAL); INSERT INTO `x VALUES (`(`VALUES (`) VALUES (1), (2);
CREATE TABLE `back\slash`(i INT COMMENT 'a\\b\nc;'); INSERT INTO `back\slash` VALUES (1);
CREATE VIEW `v ``1`` ☃` AS SELECT * FROM `order`;
CREATE TRIGGER `t r` BEFORE INSERT ON `order` FOR EACH ROW SET @`x` = 1;
)";

constexpr const char* k_large_values = R"(
CREATE TABLE large(i INT PRIMARY KEY, b LONGBLOB, t LONGTEXT);
INSERT INTO large VALUES (1, REPEAT(x'00', 3000000), NULL), (2, RANDOM_BYTES(1024), NULL),
  (3, NULL, REPEAT('☃\'\\', 1000000));
UPDATE large SET b = CONCAT(REPEAT(b, 1000), x'00ff') WHERE i = 2;
)";

constexpr const char* k_routines = R"(
CREATE TABLE facts(n INT PRIMARY KEY, f BIGINT);
DELIMITER //
CREATE FUNCTION factorial(n INT) RETURNS BIGINT DETERMINISTIC
BEGIN
  DECLARE result BIGINT DEFAULT 1;
  WHILE n > 1 DO SET result = result * n, n = n - 1; END WHILE;
  RETURN result;
END//
CREATE PROCEDURE fill(IN most INT)
BEGIN
  DECLARE i INT DEFAULT 0;
  REPEAT INSERT INTO facts(n) VALUES (i); SET i = i + 1; UNTIL i > most END REPEAT;
END//
CREATE TRIGGER computes BEFORE INSERT ON facts FOR EACH ROW SET NEW.f = factorial(NEW.n)//
SET sql_mode = ORACLE//
CREATE PACKAGE tools AS FUNCTION one RETURN INT; END//
CREATE PACKAGE BODY tools AS FUNCTION one RETURN INT AS BEGIN RETURN 1; END; END//
SET sql_mode = DEFAULT//
DELIMITER ;
CALL fill(12);
SET NAMES latin1;
CREATE FUNCTION umlaut() RETURNS VARCHAR(9) CHARSET utf8mb4 DETERMINISTIC RETURN 'ä';
)";

constexpr const char* k_sequences = R"(
CREATE SEQUENCE untouched START WITH 7;
CREATE SEQUENCE used START WITH 10 INCREMENT BY 10 CACHE 5; DO NEXTVAL(used);
CREATE SEQUENCE cyclic MINVALUE 1 MAXVALUE 3 CYCLE NOCACHE;
DO NEXTVAL(cyclic), NEXTVAL(cyclic), NEXTVAL(cyclic), NEXTVAL(cyclic), NEXTVAL(cyclic);
CREATE SEQUENCE down START WITH -5 INCREMENT BY -5 MINVALUE -1000 MAXVALUE 0 NOCACHE; DO NEXTVAL(down);
CREATE TABLE taken(id BIGINT DEFAULT (NEXTVAL(used)), n INT);
)";

constexpr const char* k_partitions = R"(
CREATE TABLE parts(id INT, made DATE, PRIMARY KEY (id, made)) PARTITION BY RANGE (YEAR(made))
  SUBPARTITION BY HASH (TO_DAYS(made)) SUBPARTITIONS 2
  (PARTITION old VALUES LESS THAN (2000), PARTITION young VALUES LESS THAN MAXVALUE);
INSERT INTO parts VALUES (1, '1999-01-01'), (2, '2020-01-01'), (1, '2021-01-01');
CREATE TABLE listed(id INT, place VARCHAR(9)) PARTITION BY LIST COLUMNS (place)
  (PARTITION a VALUES IN ('x', 'y'), PARTITION b VALUES IN ('z', NULL));
INSERT INTO listed VALUES (1, 'x'), (2, NULL), (3, 'z');
)";

std::string script(Sample sample) {
  switch (sample) {
  case Sample::empty:
    return "SELECT 1;";
  case Sample::column_types:
    return k_column_types;
  case Sample::many_tables:
    return conformance::many_tables("i INT PRIMARY KEY");
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
  case Sample::routines:
    return k_routines;
  case Sample::sequences:
    return k_sequences;
  case Sample::partitions:
    return k_partitions;
  case Sample::large_objects:
    break; // it has none
  default:
    break;
  }
  throw std::logic_error("an unknown sample");
}

class MariadbDatabase final : public conformance::Database {
public:
  MariadbDatabase() : server_(&MariadbServer::shared()) {
    std::filesystem::create_directory(directory_ / "scratch");
    server_->sql("DROP DATABASE IF EXISTS shop; CREATE DATABASE shop");
  }
  ~MariadbDatabase() override {
    try {
      server_->sql("DROP DATABASE IF EXISTS shop");
    } catch (const std::runtime_error&) {
      return; // the server ends with the test
    }
  }

  [[nodiscard]] const savepoint::database::Driver& driver() const override {
    return savepoint::drivers::find("mariadb");
  }
  [[nodiscard]] savepoint::database::Target target() const override {
    savepoint::database::Target target;
    target.name = "shop";
    target.driver = "mariadb";
    target.address = {"mariadb", server_->socket().string(), 0, "root", {}, "shop", {}};
    return target;
  }
  [[nodiscard]] std::filesystem::path scratch() const override { return directory_ / "scratch"; }

  void fill(Sample sample) override { server_->sql(script(sample), "shop"); }
  void spoil() override {
    server_->sql("CREATE TABLE spoilt(i INT); INSERT INTO spoilt VALUES (1);\n"
                 "DROP TABLE IF EXISTS numbers; DROP TABLE IF EXISTS t7; DROP VIEW IF EXISTS aa;"
                 "DROP PROCEDURE IF EXISTS clear_log; DROP TRIGGER IF EXISTS b_first;"
                 "CREATE OR REPLACE TRIGGER spoils AFTER INSERT ON spoilt FOR EACH ROW SET @a = 1;"
                 "CREATE VIEW spoilt_view AS SELECT * FROM spoilt;",
                 "shop");
  }
  void remove() override { server_->sql("DROP DATABASE shop"); }
  [[nodiscard]] bool exists() const override {
    return server_->databases().find("shop") != std::string::npos;
  }

  [[nodiscard]] std::string dump() const override { return server_->logical_dump("shop"); }
  [[nodiscard]] std::string surroundings() const override { return server_->databases(); }

private:
  MariadbServer* server_;
  TemporaryDirectory directory_;
};

conformance::MakeDatabase maker() {
  return [] { return std::make_unique<MariadbDatabase>(); };
}

Sample samples() {
  std::vector<Sample> all(conformance::k_samples.begin(), conformance::k_samples.end());
  all.insert(all.end(), {Sample::routines, Sample::sequences, Sample::partitions});
  return GENERATE_COPY(from_range(all));
}

} // namespace

TEST_CASE("MariaDB: every content is restored exactly") {
  conformance::restores_exactly(maker(), samples());
}

TEST_CASE("MariaDB: a capture leaves no trace") {
  conformance::captures_without_a_trace(maker(), samples());
}

TEST_CASE("MariaDB: a rehearsal accepts every capture") {
  conformance::rehearses(maker(), samples());
}

TEST_CASE("MariaDB: a restore can be undone") {
  conformance::undoes(maker(), samples());
}

TEST_CASE("MariaDB: a restore given up was never there") {
  conformance::abandons_without_a_trace(maker());
}

TEST_CASE("MariaDB: an image that is not the snapshot's is refused") {
  conformance::refuses_other_images(maker());
}
