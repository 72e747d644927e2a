#include "drivers/mariadb/workbench.hpp"

#include "support/catch.hpp"

#include <sstream>
#include <string>

using savepoint::test::MariadbImage;
using savepoint::test::MariadbWorkbench;

namespace {

/// A table for each character set of the server, with every character of one or two bytes; a row
/// has those that begin with the same byte.
std::string every_character(const MariadbWorkbench& bench) {
  std::string tables = "SET sql_mode = ''; SET group_concat_max_len = 1000000;"
                       "CREATE TABLE pairs(first INT, v VARBINARY(2));"
                       "INSERT INTO pairs SELECT seq, CHAR(seq) FROM seq_0_to_255;"
                       "INSERT INTO pairs SELECT seq DIV 256, CHAR(seq DIV 256, seq MOD 256)"
                       " FROM seq_32768_to_65535;";
  std::istringstream names(bench.sql("SELECT CHARACTER_SET_NAME FROM "
                                     "information_schema.CHARACTER_SETS ORDER BY 1"));
  for (std::string name; names >> name;) {
    const std::string table = "t_" + name;
    tables += "CREATE TEMPORARY TABLE one(first INT, v VARCHAR(2) CHARACTER SET " + name +
              "); INSERT IGNORE INTO one SELECT first, v FROM pairs;"
              "CREATE TABLE " +
              table + "(first INT PRIMARY KEY, v TEXT CHARACTER SET " + name + "); INSERT INTO " +
              table +
              " SELECT first, GROUP_CONCAT(CAST(v AS BINARY) ORDER BY CAST(v AS BINARY) SEPARATOR"
              " '') FROM one GROUP BY first; DROP TABLE one;";
  }
  return tables + "DROP TABLE pairs";
}

/// The bytes of every value of every table.
std::string all_bytes(const MariadbWorkbench& bench) {
  std::string all;
  std::istringstream tables(bench.sql("SHOW TABLES"));
  for (std::string table; tables >> table;) {
    all += table + "\n" + bench.sql("SELECT first, HEX(v) FROM " + table + " ORDER BY first");
  }
  return all;
}

} // namespace

TEST_CASE("every character of every character set comes back as the bytes that it was") {
  const MariadbWorkbench bench;
  bench.sql(every_character(bench));
  const std::string before = all_bytes(bench);
  const MariadbImage image = bench.capture();

  bench.restore(image);

  CHECK((all_bytes(bench) == before)); // too long to be shown
  bench.server().sql("DROP DATABASE shop; CREATE DATABASE shop");
  bench.sql(image.script);
  CHECK((all_bytes(bench) == before));
}

TEST_CASE("texts that are no longer the same after UTF-8 stay what they are, also in keys") {
  const MariadbWorkbench bench(
      "CREATE TABLE files(path VARCHAR(40) CHARACTER SET sjis PRIMARY KEY, note TEXT CHARACTER SET"
      " cp932, name CHAR(9) CHARACTER SET ascii, size INT,"
      " up VARCHAR(40) CHARACTER SET sjis AS (UPPER(path)) STORED, KEY (note(3)), UNIQUE (name),"
      " kind ENUM('a', 'b') CHARACTER SET sjis, marks SET('x', 'y', 'z') CHARACTER SET greek);"
      "SET @path = _binary x'433A5C646972';"
      "INSERT INTO files(path, note, name, kind, marks) VALUES"
      " (@path, _binary x'8790FA54', _binary x'C3A9', 'b', 'x,z'),"
      " (_binary x'433A815F646972', NULL, 'x', NULL, '');"
      "CREATE TABLE uses(file VARCHAR(40) CHARACTER SET sjis, FOREIGN KEY (file) REFERENCES"
      " files(path)); INSERT INTO uses VALUES (@path)");
  const auto rows = [&] {
    return bench.sql("SELECT HEX(path), HEX(note), HEX(name), HEX(up), kind, marks FROM files ORDER"
                     " BY path; SELECT HEX(file) FROM uses");
  };
  const std::string before = rows();
  CHECK_THAT(before, Catch::Contains("433A5C646972\t8790FA54\tC3A9\t433A5C444952\tb\tx,z"));
  const MariadbImage image = bench.capture();
  CHECK_THAT(image.script, Catch::Contains("VALUES (_binary'C:\\\\dir',"));

  bench.sql("DELETE FROM uses; DELETE FROM files");
  bench.restore(image);
  CHECK(rows() == before);
  bench.sql("UPDATE files SET note = NULL, kind = 'a', marks = ''");
  bench.restore(image, {.tables = {"files", "uses"}});

  CHECK(rows() == before);
  CHECK(bench.capture().script == image.script);
}

TEST_CASE("an image that has such texts in UTF-8 can still be restored") {
  const MariadbWorkbench bench("CREATE TABLE t(word VARCHAR(40) CHARACTER SET greek)");
  MariadbImage image = bench.capture();
  image.script.insert(image.script.rfind("\n-- Section END"),
                      "INSERT INTO `t` VALUES ('\xCE\xBB\xCF\x8C\xCE\xB3\xCE\xBF\xCF\x82');\n");
  image.component.tables.at(0).rows = 1;

  bench.restore(image);

  CHECK(bench.sql("SELECT word FROM t") == "\xCE\xBB\xCF\x8C\xCE\xB3\xCE\xBF\xCF\x82\n");
}
