#include "drivers/mariadb/internal/consistent_view.hpp"
#include "drivers/mariadb/workbench.hpp"

#include "support/catch.hpp"

#include <chrono>
#include <cstdio>
#include <list>
#include <memory>
#include <sstream>
#include <thread>
#include <vector>

#include <sched.h>

using savepoint::DatabaseError;
using savepoint::Error;
using savepoint::drivers::mariadb::open_consistent_view;
using savepoint::drivers::mariadb::Purpose;
using savepoint::drivers::mariadb::Session;
using savepoint::test::MariadbImage;
using savepoint::test::MariadbServer;
using savepoint::test::MariadbWorkbench;

namespace {

/// Clients of the server's own, which run a statement until they are told to stop.
class Clients {
public:
  Clients(const MariadbServer& server, int count, const std::string& statement) : server_(&server) {
    server.sql("CREATE TABLE shop.going(go INT); INSERT INTO shop.going VALUES (1)");
    for (int i = 0; i < count; ++i) {
      threads_.emplace_back([this, statement, &failed = failures_.emplace_back()] {
        try {
          server_->sql(statement, "shop");
        } catch (const std::runtime_error& error) {
          failed = error.what();
        }
      });
    }
  }
  ~Clients() {
    if (!threads_.empty()) {
      static_cast<void>(stop());
    }
  }
  /// What they were told that they did not want to hear.
  std::string stop() {
    server_->sql("UPDATE shop.going SET go = 0");
    std::string all;
    for (std::thread& thread : threads_) {
      thread.join();
    }
    threads_.clear();
    for (const std::string& failure : failures_) {
      all += failure;
    }
    return all;
  }

private:
  const MariadbServer* server_;
  std::list<std::string> failures_;
  std::vector<std::thread> threads_;
};

constexpr const char* k_bank = R"(
CREATE TABLE accounts(id INT PRIMARY KEY, balance INT NOT NULL);
CREATE TABLE safe(id INT PRIMARY KEY, balance INT NOT NULL);
INSERT INTO accounts SELECT seq, 1000 FROM seq_1_to_50;
INSERT INTO safe SELECT seq, 1000 FROM seq_1_to_50;
DELIMITER //
CREATE PROCEDURE move_money(many INT)
BEGIN
  DECLARE n INT DEFAULT 0;
  DECLARE giver, taker, amount INT;
  WHILE (SELECT go FROM going) = 1 DO
    SET giver = 1 + FLOOR(RAND() * many), taker = 1 + FLOOR(RAND() * many), amount = FLOOR(RAND() * 10);
    START TRANSACTION;
    UPDATE accounts SET balance = balance - amount WHERE id = giver;
    UPDATE safe SET balance = balance + amount WHERE id = taker;
    COMMIT;
    SET n = n + 1;
  END WHILE;
  SELECT n;
END//
DELIMITER ;
)";

int money_in(const std::string& script) {
  std::istringstream lines(script);
  int sum = 0;
  for (std::string line; std::getline(lines, line);) {
    int id = 0;
    int balance = 0;
    if (std::sscanf(line.c_str(), "INSERT INTO `accounts` VALUES (%d,%d);", &id, &balance) == 2 ||
        std::sscanf(line.c_str(), "INSERT INTO `safe` VALUES (%d,%d);", &id, &balance) == 2) {
      sum += balance;
    }
  }
  return sum;
}

} // namespace

TEST_CASE("the digest of the schema changes with definitions, and not with rows") {
  const MariadbWorkbench bench("CREATE TABLE items(id INT AUTO_INCREMENT PRIMARY KEY, name TEXT);"
                               "CREATE SEQUENCE s; INSERT INTO items(name) VALUES ('a')");
  const auto schema = [&] { return bench.capture().component.details.find("schema")->as_string(); };
  const std::string before = schema();
  bench.sql("INSERT INTO items(name) VALUES ('b'), ('c'); DELETE FROM items WHERE id = 1; "
            "SELECT NEXTVAL(s)");
  CHECK(schema() == before);

  std::string last = before;
  for (const char* change :
       {"ALTER TABLE items ADD note TEXT", "ALTER TABLE items COMMENT '\n) AUTO_INCREMENT=7'",
        "CREATE VIEW v AS SELECT id FROM items", "CREATE TABLE more(i INT)"}) {
    CAPTURE(change);
    bench.sql(change);
    const std::string now = schema();
    CHECK(now != last);
    last = now;
  }
}

TEST_CASE("money that moves while it is captured is all there, and no client notices") {
  const MariadbWorkbench bench(k_bank);
  Clients clients(bench.server(), 8, "CALL move_money(50)");

  for (int i = 0; i < 30; ++i) {
    const MariadbImage image = bench.capture();
    CHECK(money_in(image.script) == 100'000);
    CHECK(image.component.tables.at(0).rows == 50);
  }

  CHECK(clients.stop() == "");
}

TEST_CASE("a view is of one state also if the server's thread loses its processor as it opens it") {
  const MariadbWorkbench bench(k_bank);
  Clients clients(bench.server(), 8, "CALL move_money(5)");
  Session session(bench.target().address, Purpose::capture);
  const std::optional<std::string> thread =
      session.value("SELECT TID FROM information_schema.PROCESSLIST WHERE ID = CONNECTION_ID()");
  REQUIRE(thread);
  const sched_param no_priority{};
  REQUIRE(sched_setscheduler(std::stoi(*thread), SCHED_IDLE, &no_priority) == 0);

  int torn = 0;
  // Of some 10,000 without the care that is taken, three; on a busy machine there is time for
  // fewer.
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(8);
  for (int i = 0; i < 10'000 && std::chrono::steady_clock::now() < end; ++i) {
    open_consistent_view(session);
    const std::optional<std::string> sum =
        session.value("SELECT (SELECT SUM(balance) FROM shop.accounts WHERE id <= 5) + "
                      "(SELECT SUM(balance) FROM shop.safe WHERE id <= 5)");
    torn += sum == "10000" ? 0 : 1;
    session.execute("ROLLBACK");
  }

  CHECK(torn == 0);
  CHECK(clients.stop() == "");
}

TEST_CASE("the same content is the same image, also after it was restored") {
  const MariadbWorkbench bench(k_bank);
  bench.sql("CREATE TRIGGER shop.t BEFORE INSERT ON `shop`.safe FOR EACH ROW SET @x = 1;"
            "CREATE VIEW v AS SELECT * FROM accounts; CREATE SEQUENCE s; DO NEXTVAL(s);"
            "CREATE TABLE n(id BIGINT DEFAULT NEXTVAL(s)); INSERT INTO n VALUES (DEFAULT)");
  const MariadbImage first = bench.capture();
  CHECK(bench.capture().script == first.script);
  CHECK(first.script.find("DEFINER=") == std::string::npos);
  CHECK(first.script.find("shop") == std::string::npos);

  bench.sql("UPDATE safe SET balance = 0; DROP VIEW v; DROP TABLE n; DROP SEQUENCE s");
  bench.restore(first);

  CHECK(bench.capture().script == first.script);
  CHECK(bench.sql("INSERT INTO n VALUES (DEFAULT); SELECT COUNT(*) FROM n") == "2\n");
}

TEST_CASE("an image is a script that the server's own client can run") {
  const MariadbWorkbench bench(k_bank);
  const std::string before = bench.dump();
  const MariadbImage image = bench.capture();

  bench.server().sql("DROP DATABASE shop; CREATE DATABASE shop");
  bench.sql(image.script);

  CHECK(bench.dump() == before);
}

TEST_CASE("what is not in one state, or not kept, is named") {
  const MariadbWorkbench bench("CREATE TABLE a(i INT); CREATE TABLE b(i INT) ENGINE=MyISAM;"
                               "CREATE TABLE c(i INT) ENGINE=MERGE UNION=(b);"
                               "CREATE TABLE d(i INT) WITH SYSTEM VERSIONING;"
                               "CREATE TABLE schema_migrations(version VARCHAR(99));"
                               "INSERT INTO schema_migrations VALUES ('1'), ('20260101')");

  const auto component = bench.capture().component;

  CHECK(component.details.at("not_transactional").items().at(0).as_string() == "b");
  CHECK(component.details.at("rows_elsewhere").items().at(0).as_string() == "c");
  CHECK(component.details.at("without_history").items().at(0).as_string() == "d");
  CHECK(component.migration == "20260101");
  CHECK(component.migration_table == "schema_migrations");
}

TEST_CASE("a server that dies while it is read makes the capture fail") {
  MariadbServer server;
  const MariadbWorkbench bench;
  server.sql("CREATE DATABASE shop; USE shop; CREATE TABLE large(b LONGBLOB);"
             "INSERT INTO large SELECT REPEAT('x', 1000000) FROM seq_1_to_60");
  auto target = bench.target();
  target.address.host = server.socket().string();
  const savepoint::Cancellation cancellation;
  const auto capture =
      bench.driver().open_capture(target, "", std::chrono::seconds(1), cancellation);
  savepoint::Bytes piece(100'000);
  REQUIRE(capture->read(piece) > 0);

  server.kill_hard();

  CHECK_THROWS_AS(savepoint::test::read_all(*capture), DatabaseError);
}

TEST_CASE("who cannot get in, or may not see all, is told what to do") {
  const MariadbWorkbench bench("CREATE TABLE t(i INT)");
  bench.sql("CREATE OR REPLACE USER app@localhost IDENTIFIED BY 'canary';"
            "GRANT SELECT, SHOW VIEW, EVENT, EXECUTE ON shop.* TO app@localhost;"
            "CREATE OR REPLACE USER whole@localhost IDENTIFIED BY 'canary';"
            "GRANT SELECT, SHOW VIEW, EVENT, TRIGGER, EXECUTE ON `sh_p`.* TO whole@localhost");
  const auto complaint = [&](const savepoint::database::Target& target) {
    try {
      static_cast<void>(bench.capture(target));
    } catch (const Error& error) {
      CHECK(std::string(error.what()).find("canary") == std::string::npos);
      return std::string(error.code()) + ": " + error.what() + " / " + error.hint();
    }
    return std::string("none");
  };

  CHECK(complaint(bench.target("whole", "canary")) == "none");
  CHECK_THAT(complaint(bench.target("app", "wrong canary")),
             Catch::StartsWith("database: cannot log in") && Catch::Contains("password"));
  CHECK_THAT(complaint(bench.target("app", "canary")),
             Catch::StartsWith("refused: the right TRIGGER") &&
                 Catch::Contains("GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, EXECUTE ON `shop`.* TO "
                                 "'app'@'localhost'"));
  auto target = bench.target();
  target.address.database = "none";
  CHECK_THAT(complaint(target), Catch::StartsWith("not_found: the server has no database 'none'"));
  target.address.host = "/nowhere/s";
  CHECK_THAT(complaint(target),
             Catch::StartsWith("database: cannot reach") && Catch::Contains("start the server"));
}

TEST_CASE("what a database says of itself") {
  const MariadbWorkbench bench;
  using Presence = savepoint::database::Driver::Presence;

  CHECK_THAT(bench.driver().server_version(bench.target()),
             Catch::Matches("(MariaDB|MySQL) [0-9]+\\.[0-9]+\\.[0-9]+"));
  CHECK(bench.driver().presence(bench.target()) == Presence::empty);
  CHECK(bench.driver().production_marker(bench.target()) == std::nullopt);
  bench.sql("CREATE TABLE ar_internal_metadata(`key` VARCHAR(99), value VARCHAR(99));"
            "INSERT INTO ar_internal_metadata VALUES ('environment', 'production')");
  CHECK(bench.driver().presence(bench.target()) == Presence::filled);
  CHECK(bench.driver().production_marker(bench.target()) ==
        "ar_internal_metadata says 'production'");
  bench.server().sql("DROP DATABASE shop");
  CHECK(bench.driver().presence(bench.target()) == Presence::missing);
}

TEST_CASE("no change is taken for none, and none is seen where nothing was changed") {
  const MariadbWorkbench bench(k_bank);
  bench.sql("CREATE TABLE going(go INT); CREATE VIEW v AS SELECT 1; SELECT SLEEP(3)");
  const auto fingerprint = [&] {
    return bench.driver().fingerprint(bench.target(), savepoint::Timestamp{});
  };
  auto last = fingerprint();
  REQUIRE(last.has_value());
  CHECK(fingerprint() == last);

  for (const char* change :
       {"UPDATE safe SET balance = balance + 1 WHERE id = 7", "DELETE FROM safe WHERE id = 7",
        "ALTER TABLE safe ALTER balance SET DEFAULT 5", "ALTER TABLE safe COMMENT 'x'",
        "CREATE OR REPLACE VIEW v AS SELECT 2", "DROP PROCEDURE move_money",
        "CREATE TRIGGER t BEFORE INSERT ON safe FOR EACH ROW SET @x = 1",
        "CREATE EVENT e ON SCHEDULE EVERY 1 YEAR DO SET @x = 1", "ALTER EVENT e DISABLE",
        "ALTER DATABASE shop COLLATE utf8mb4_bin", "TRUNCATE safe"}) {
    CAPTURE(change);
    bench.sql(change);
    const auto now = fingerprint();
    CHECK((now.has_value() && now != last));
    last = now;
  }
  bench.sql("CREATE TABLE m(i INT) ENGINE=MyISAM");
  CHECK(fingerprint() == std::nullopt);
}
