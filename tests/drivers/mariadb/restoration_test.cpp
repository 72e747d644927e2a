#include "drivers/mariadb/internal/session.hpp"
#include "drivers/mariadb/workbench.hpp"

#include "support/catch.hpp"
#include "support/child_process.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <set>
#include <sstream>
#include <thread>
#include <vector>

#include <unistd.h>

using savepoint::Error;
using savepoint::NotFoundError;
using savepoint::RefusedError;
using savepoint::database::MovedError;
using savepoint::drivers::mariadb::Purpose;
using savepoint::drivers::mariadb::Session;
using savepoint::test::ChildProcess;
using savepoint::test::MariadbImage;
using savepoint::test::MariadbWorkbench;
using savepoint::test::read_all;
using namespace std::chrono_literals;

namespace {

constexpr const char* k_shop = R"(
CREATE TABLE items(id INT PRIMARY KEY, price INT);
CREATE TABLE orders(id INT PRIMARY KEY, item INT,
  CONSTRAINT of_item FOREIGN KEY (item) REFERENCES items(id));
CREATE TABLE log(what VARCHAR(20));
CREATE TRIGGER notes AFTER INSERT ON orders FOR EACH ROW INSERT INTO log VALUES (NEW.id);
CREATE VIEW dear AS SELECT * FROM items WHERE price > 10;
CREATE PROCEDURE clear() DELETE FROM log;
INSERT INTO items VALUES (1, 5), (2, 50);
INSERT INTO orders VALUES (1, 1), (2, 2);
)";

constexpr const char* k_spoil = "DELETE FROM orders WHERE id = 1; UPDATE items SET price = 7;"
                                "DROP VIEW dear; DROP TRIGGER notes; CREATE TABLE more(i INT);"
                                "CREATE TRIGGER others BEFORE INSERT ON items FOR EACH ROW SET "
                                "@x = 1";

/// The ids that an image, or what a query printed, has.
std::set<int> ids_in(const std::string& text, const std::string& before) {
  std::set<int> ids;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(before)) {
      ids.insert(std::atoi(line.c_str() + before.size()));
    }
  }
  return ids;
}

/// A session that has read and keeps its transaction open, as an idle worker of a pool does.
class IdleReader {
public:
  explicit IdleReader(const MariadbWorkbench& bench)
      : session_(bench.target().address, Purpose::look) {
    session_.execute("USE shop");
    session_.execute("START TRANSACTION");
    session_.execute("SELECT * FROM items");
  }
  [[nodiscard]] bool is_alive() { return session_.attempt("SELECT 1") == 0; }

private:
  Session session_;
};

std::string complaint(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return std::string(error.code()) + ": " + error.what() + " / " + error.hint();
  }
  return "none";
}

} // namespace

TEST_CASE("no commit is lost that was made while a restore came") {
  const MariadbWorkbench bench(
      "CREATE TABLE a_log(id INT PRIMARY KEY); CREATE TABLE m_log(id INT PRIMARY KEY);"
      "CREATE TABLE z_log(id INT PRIMARY KEY); CREATE TABLE noted(id INT);"
      "CREATE TRIGGER t AFTER INSERT ON m_log FOR EACH ROW INSERT INTO noted VALUES (NEW.id)");
  const MariadbImage image = bench.capture();
  std::vector<std::set<int>> acknowledged(3);
  std::vector<std::jthread> clients;
  for (std::size_t client = 0; client < acknowledged.size(); ++client) {
    clients.emplace_back([&, client](const std::stop_token& end) {
      Session session(bench.target().address, Purpose::look);
      session.execute("USE shop");
      static constexpr std::array k_tables{"a_log", "m_log", "z_log"};
      for (int i = 0; !end.stop_requested() && i < 100'000; ++i) {
        const int id = static_cast<int>(client) * 100'000 + i;
        const std::string table = k_tables.at((client + static_cast<std::size_t>(i)) % 3);
        if (session.attempt("INSERT INTO " + table + " VALUES (" + std::to_string(id) + ")") == 0) {
          acknowledged[client].insert(id);
        }
        std::this_thread::yield();
      }
    });
  }

  MariadbImage held;
  bool is_swapped = false;
  const auto restoration = bench.stage(image);
  for (int attempt = 0; attempt < 300 && !is_swapped; ++attempt) {
    const auto capture = restoration->hold();
    held = read_all(*capture);
    try {
      restoration->swap();
      is_swapped = true;
    } catch (const MovedError&) {
      continue; // nothing was done
    }
  }
  clients.clear(); // each is stopped and waited for
  restoration->close();

  REQUIRE(is_swapped);
  std::set<int> kept;
  for (const std::string table : {"a_log", "m_log", "z_log"}) {
    kept.merge(ids_in(held.script, "INSERT INTO `" + table + "` VALUES ("));
    kept.merge(ids_in(bench.sql("SELECT id FROM " + table), ""));
  }
  std::size_t lost = 0;
  std::size_t all = 0;
  for (const std::set<int>& client : acknowledged) {
    all += client.size();
    for (const int id : client) {
      lost += kept.contains(id) ? 0U : 1U;
    }
  }
  CHECK(lost == 0);
  CHECK(all > 0);
}

TEST_CASE("who has the tables in use is named, and is ended only when told so") {
  const MariadbWorkbench bench(k_shop);
  const MariadbImage image = bench.capture();
  bench.sql(k_spoil);
  const std::string before = bench.dump();
  IdleReader reader(bench);

  const std::string refused = complaint([&] { bench.restore(image, {.wait = 300ms}); });
  CHECK_THAT(refused, Catch::StartsWith("busy: ") && Catch::Contains("root from localhost") &&
                          Catch::Contains("--disconnect"));
  CHECK(bench.dump() == before);
  CHECK(bench.server().databases() == "shop\n");
  CHECK(reader.is_alive());

  bench.restore(image, {.disconnect = true});
  CHECK(bench.capture().script == image.script);
  CHECK_FALSE(reader.is_alive());
}

TEST_CASE("what a killed restore left is finished or taken back by the next one") {
  const MariadbWorkbench bench(k_shop);
  const MariadbImage image = bench.capture();
  const std::string old_dump = bench.dump();
  bench.sql(k_spoil);
  const MariadbImage spoilt = bench.capture();
  const std::string new_dump = bench.dump();

  const auto start = std::chrono::steady_clock::now();
  bench.restore(image);
  const auto whole = std::chrono::steady_clock::now() - start;

  std::set<std::string> outcomes;
  for (int moment = 0; moment < 15; ++moment) {
    CAPTURE(moment);
    bench.restore(spoilt);
    ChildProcess restore([&] { bench.restore(image); });
    const bool killed = restore.kill_after(whole * (moment + 1) / 14);

    const MariadbImage now = bench.capture(); // any operation sweeps
    CHECK((now.script == image.script || now.script == spoilt.script));
    const std::string dump = bench.dump();
    CHECK((dump == old_dump || (killed && dump == new_dump)));
    CHECK(bench.server().databases() == "shop\n");
    outcomes.insert(dump);
  }
  CHECK(outcomes.size() == 2); // else the moments were all too early, or all too late
}

TEST_CASE(
    "a rehearsal that was killed leaves nothing after the next operation, and a living one stays") {
  const MariadbWorkbench bench(k_shop);
  const MariadbImage image = bench.capture();
  const auto living = bench.driver().open_rehearsal(bench.target(), image.component, {});
  std::array<int, 2> ready{};
  REQUIRE(pipe(ready.data()) == 0);
  ChildProcess child([&] {
    const auto rehearsal = bench.driver().open_rehearsal(bench.target(), image.component, {});
    rehearsal->write(savepoint::as_bytes(image.script));
    REQUIRE(write(ready[1], "x", 1) == 1);
    pause();
  });
  char byte = 0;
  REQUIRE(read(ready[0], &byte, 1) == 1);
  const std::string both = bench.server().databases();
  CHECK(std::count(both.begin(), both.end(), '\n') == 3);

  child.kill_hard();
  static_cast<void>(bench.capture());

  const std::string one = bench.server().databases();
  CHECK(std::count(one.begin(), one.end(), '\n') == 2);
  living->write(savepoint::as_bytes(image.script));
  CHECK_NOTHROW(living->check(image.component));
}

TEST_CASE("schemas that only look like ours are left alone") {
  const MariadbWorkbench bench(k_shop);
  bench.server().sql("CREATE DATABASE savepoint_new_0123456789abcdef;"
                     "CREATE TABLE savepoint_new_0123456789abcdef.precious(i INT);"
                     "CREATE DATABASE savepoint_notes");

  static_cast<void>(bench.capture());

  CHECK(bench.server().databases() == "savepoint_new_0123456789abcdef\nsavepoint_notes\nshop\n");
  bench.server().sql("DROP DATABASE savepoint_new_0123456789abcdef; DROP DATABASE savepoint_notes");
}

TEST_CASE("single tables are restored and the others stay") {
  const MariadbWorkbench bench(k_shop);
  const MariadbImage image = bench.capture();
  bench.sql("DELETE FROM orders; DELETE FROM items; DROP TRIGGER notes; INSERT INTO log VALUES "
            "('kept'); DROP VIEW dear");

  bench.restore(image, {.tables = {"items", "orders"}});

  CHECK(bench.sql("SELECT COUNT(*) FROM items; SELECT COUNT(*) FROM orders") == "2\n2\n");
  CHECK(bench.sql("SELECT what FROM log WHERE what = 'kept'") == "kept\n");
  CHECK(bench.sql("INSERT INTO orders VALUES (9, 1); SELECT what FROM log WHERE what = '9'") ==
        "9\n");
  CHECK(bench.sql("SHOW TABLES LIKE 'dear'") == "");
  CHECK_THAT(complaint([&] { bench.restore(image, {.tables = {"items"}}); }),
             Catch::StartsWith("refused: table 'orders' refers to table 'items'"));
  CHECK_THAT(complaint([&] { bench.restore(image, {.tables = {"nothing"}}); }),
             Catch::StartsWith("not_found: the snapshot has no table 'nothing'"));
  CHECK(bench.server().databases() == "shop\n");
}

TEST_CASE("foreign keys keep their names and rules where old tables with triggers have the same") {
  const MariadbWorkbench bench(
      "CREATE TABLE parts(a INT, `b ``c` INT, up INT, PRIMARY KEY (a, `b ``c`), KEY (up),"
      " CONSTRAINT `over``it` FOREIGN KEY (up) REFERENCES parts(a) ON UPDATE SET NULL);"
      "CREATE TABLE uses(id INT PRIMARY KEY, x INT, y INT,"
      " CONSTRAINT of_part FOREIGN KEY (x, y) REFERENCES parts(a, `b ``c`) ON DELETE CASCADE"
      " ON UPDATE NO ACTION, FOREIGN KEY (x) REFERENCES parts(a));"
      "CREATE TRIGGER one AFTER INSERT ON parts FOR EACH ROW SET @x = 1;"
      "CREATE TRIGGER two AFTER INSERT ON uses FOR EACH ROW SET @x = 1;"
      "INSERT INTO parts VALUES (1, 2, 1); INSERT INTO uses VALUES (1, 1, 2)");
  const MariadbImage image = bench.capture();
  const std::string dump = bench.dump();
  bench.sql("INSERT INTO uses VALUES (2, 1, 2)");
  const std::string later = bench.dump();

  {
    const auto restoration = bench.stage(image);
    restoration->swap();
    CHECK(bench.dump() == dump);
    restoration->undo();
  }
  CHECK(bench.dump() == later);
  bench.restore(image);

  CHECK(bench.dump() == dump);
  CHECK(bench.server().databases() == "shop\n");
}

TEST_CASE("a user with no rights but on the database can restore it, whoever made its views") {
  const MariadbWorkbench bench(k_shop);
  bench.sql("CREATE OR REPLACE USER app@localhost IDENTIFIED BY 'pw';"
            "GRANT ALL PRIVILEGES ON shop.* TO app@localhost");
  const MariadbImage image = bench.capture();
  bench.sql(k_spoil);
  const auto target = bench.target("app", "pw");
  const auto restore = [&] {
    const auto restoration = bench.stage(image, {}, target);
    restoration->swap();
    restoration->close();
  };

  CHECK_THAT(complaint(restore),
             Catch::StartsWith("refused: ") &&
                 Catch::Contains("GRANT ALL PRIVILEGES ON `savepoint\\_%`.* TO 'app'@'localhost'"));
  bench.sql("GRANT ALL PRIVILEGES ON `savepoint\\_%`.* TO app@localhost");
  CHECK_THAT(complaint(restore), // how somebody else's procedure is made
             Catch::StartsWith("refused: ") &&
                 Catch::Contains("GRANT SELECT ON mysql.proc TO 'app'@'localhost'"));
  bench.sql("GRANT SELECT ON mysql.proc TO app@localhost");
  CHECK(complaint(restore) == "none");

  CHECK(bench.capture().script == image.script);
}

TEST_CASE("a database that is missing is made only when told so") {
  const MariadbWorkbench bench(k_shop);
  const MariadbImage image = bench.capture();
  bench.server().sql("DROP DATABASE shop");

  CHECK_THROWS_AS(bench.restore(image), NotFoundError);
  CHECK(bench.server().databases() == "");
  bench.restore(image, {.create = true});

  CHECK(bench.capture().script == image.script);
}

TEST_CASE("a foreign key from another database stops a restore before anything is touched") {
  const MariadbWorkbench bench(k_shop);
  const MariadbImage image = bench.capture();
  bench.server().sql("CREATE DATABASE other; CREATE TABLE other.t(i INT, FOREIGN KEY (i) "
                     "REFERENCES shop.items(id))");

  CHECK_THROWS_AS(bench.restore(image), RefusedError);

  CHECK(bench.server().databases() == "other\nshop\n");
  bench.server().sql("DROP DATABASE other");
}

TEST_CASE("a view that cannot be made any more is found before the database is touched") {
  const MariadbWorkbench bench(k_shop);
  MariadbImage image = bench.capture();
  const std::string before = bench.dump();
  const std::size_t at = image.script.find("from `items`");
  REQUIRE(at != std::string::npos);
  image.script.replace(at, 12, "from `itemz`");

  CHECK_THROWS_AS(bench.restore(image), Error);

  CHECK(bench.dump() == before);
  CHECK(bench.server().databases() == "shop\n");
}

TEST_CASE("a view whose table is gone is named, and is in nobody's way") {
  const MariadbWorkbench bench(k_shop);
  bench.sql("CREATE TABLE gone(i INT); CREATE VIEW hollow AS SELECT * FROM gone; DROP TABLE gone");
  const MariadbImage image = bench.capture();
  CHECK(image.component.details.at("invalid_views").items().at(0).as_string() == "hollow");

  const auto restoration = bench.stage(image);
  restoration->swap();
  restoration->undo();
  bench.restore(image);

  CHECK(bench.capture().script == image.script);
}
