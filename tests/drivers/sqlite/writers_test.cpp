#include "drivers/sqlite/workbench.hpp"

#include "support/catch.hpp"

#include <sys/mman.h>

#include <atomic>
#include <chrono>
#include <new>
#include <random>
#include <thread>

using savepoint::sqlite::Connection;
using savepoint::test::Image;
using savepoint::test::OpenedImage;
using savepoint::test::start;
using savepoint::test::wait_for;
using savepoint::test::Workbench;

using namespace std::chrono_literals;

namespace {

constexpr std::int64_t k_accounts = 200;
constexpr std::int64_t k_money = 1000;

/// What the processes of a test tell each other.
struct Shared {
  std::atomic<bool> stop{false};
  std::atomic<int> transfers{0};
};

/// Memory that stays one and the same after a fork.
class SharedMemory {
public:
  SharedMemory()
      : memory_(mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                     -1, 0)) {
    REQUIRE(memory_ != MAP_FAILED);
    shared_ = new (memory_) Shared();
  }
  ~SharedMemory() { munmap(memory_, sizeof(Shared)); }
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;

  Shared* operator->() const { return shared_; }

private:
  void* memory_;
  Shared* shared_ = nullptr;
};

void open_accounts(const Workbench& bench, const std::string& journal) {
  bench.run("PRAGMA journal_mode=" + journal +
            "; CREATE TABLE accounts(id INTEGER PRIMARY KEY, money INT, padding); WITH RECURSIVE "
            "n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
            std::to_string(k_accounts) + ") INSERT INTO accounts SELECT i, " +
            std::to_string(k_money) + ", randomblob(1000) FROM n;" +
            "CREATE TABLE history(a, b, amount); CREATE INDEX by_a ON history(a)");
}

/// One writer: moves money to and fro until told to stop.
void move_money(const Workbench& bench, const SharedMemory& shared, unsigned seed) {
  std::minstd_rand random(seed);
  Connection connection = bench.open();
  // Instead of SQLite's own handler, which sleeps so long that writers starve each other.
  connection.set_busy_timeout(60s); // SQLite is not fair: on a busy machine one may wait long
  while (!shared->stop) {
    const std::string from = std::to_string(random() % k_accounts + 1);
    const std::string to = std::to_string(random() % k_accounts + 1);
    connection.execute("BEGIN IMMEDIATE;"
                       "UPDATE accounts SET money = money - 7 WHERE id = " +
                       from +
                       ";"
                       "UPDATE accounts SET money = money + 7 WHERE id = " +
                       to +
                       ";"
                       "INSERT INTO history VALUES(" +
                       from + ", " + to + ", 7); COMMIT");
    ++shared->transfers;
  }
}

/// Four of them at once.
class Writers {
public:
  explicit Writers(const Workbench& bench) {
    for (unsigned seed = 1; seed <= 4; ++seed) {
      processes_.push_back(start([&, seed] { move_money(bench, shared_, seed); }));
    }
  }
  ~Writers() { (void)stop(); }
  Writers(const Writers&) = delete;
  Writers& operator=(const Writers&) = delete;

  [[nodiscard]] int transfers() const { return shared_->transfers; }

  /// Until they have done so much more; they have a minute for it.
  void await(int more) const {
    const int before = transfers();
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (transfers() < before + more) {
      if (std::chrono::steady_clock::now() > deadline) {
        FAIL("the writers stand still");
      }
      std::this_thread::yield();
    }
  }

  /// Ends them all; returns how many had failed.
  [[nodiscard]] int stop() {
    shared_->stop = true;
    int failed = 0;
    for (const pid_t process : processes_) {
      failed += wait_for(process) == 0 ? 0 : 1;
    }
    processes_.clear();
    return failed;
  }

private:
  SharedMemory shared_;
  std::vector<pid_t> processes_;
};

std::string journal_modes() {
  return GENERATE(as<std::string>(), "DELETE", "WAL", "PERSIST");
}

} // namespace

TEST_CASE("while four processes move money, every capture has all of it, and no writer fails") {
  const std::string journal = journal_modes();
  CAPTURE(journal);
  const Workbench bench;
  open_accounts(bench, journal);
  Writers writers(bench);

  std::vector<Image> images;
  for (int i = 0; i < 30; ++i) {
    writers.await(3);
    images.push_back(bench.capture());
  }

  CHECK(writers.stop() == 0);
  for (const Image& image : images) {
    OpenedImage opened(image);
    CHECK(opened.text("PRAGMA integrity_check") == "ok");
    CHECK(opened.ask("SELECT sum(money) FROM accounts") == k_accounts * k_money);
    CHECK(opened.ask("SELECT count(*) FROM history") ==
          static_cast<std::int64_t>(image.component.tables.at(1).rows));
  }
}

TEST_CASE("while four processes move money, a restore keeps it whole, and they go on") {
  // Where writers leave no gap it gives up, with nothing changed: a slow build, as of sanitizers.
  const auto swap_in_the_end = [](savepoint::database::Restoration& restoration) {
    bool is_done = false;
    for (int attempt = 0; attempt < 20 && !is_done; ++attempt) {
      try {
        restoration.swap();
        is_done = true;
      } catch (const savepoint::database::MovedError&) {
        continue;
      }
    }
    REQUIRE(is_done);
  };
  const std::string journal = journal_modes();
  CAPTURE(journal);
  const Workbench bench(30s);
  open_accounts(bench, journal);
  const Image image = bench.capture();
  Writers writers(bench);

  for (int i = 0; i < 6; ++i) {
    writers.await(10);
    const auto restoration = bench.stage(image);
    swap_in_the_end(*restoration);
    if (i % 2 == 0) {
      writers.await(10);
      restoration->undo();
    }
    restoration->close();
  }
  writers.await(10);

  CHECK(writers.stop() == 0);
  CHECK(bench.open().query_text("PRAGMA integrity_check") == "ok");
  CHECK(bench.ask("SELECT sum(money) FROM accounts") == k_accounts * k_money);
  CHECK(bench.ask("SELECT count(*) FROM history") < writers.transfers());
  CHECK(bench.ask("SELECT (SELECT count(*) FROM history) = (SELECT count(*) FROM history NOT "
                  "INDEXED)") == 1);
}
