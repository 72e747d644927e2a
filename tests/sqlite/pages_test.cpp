#include "sqlite/pages.hpp"

#include "support/catch.hpp"
#include "support/syscall_faults.hpp"
#include "support/temporary_directory.hpp"

#include <cerrno>
#include <cstring>
#include <string>

using namespace savepoint;
using namespace savepoint::sqlite;
using test::Fault;
using test::TemporaryDirectory;

using namespace std::chrono_literals;

namespace {

std::string rows(int first, int last) {
  return "WITH RECURSIVE n(i) AS (SELECT " + std::to_string(first) +
         " UNION ALL SELECT i + 1 FROM n WHERE i < " + std::to_string(last) +
         ") INSERT INTO t SELECT i, randomblob(700) FROM n;";
}

/// Two databases that began as one: what is in place, and what is to come there.
struct Pair {
  explicit Pair(const std::string& change, const std::string& before = "") {
    Connection live(path, OpenMode::create);
    live.execute(before + "CREATE TABLE t(i INTEGER PRIMARY KEY, b);" + rows(1, 3000));
    Connection copy(image_path, OpenMode::create);
    copy.execute("PRAGMA page_size=" + live.query_text("PRAGMA page_size"));
    backup(live, copy, 1s);
    copy.execute(change);
    image = test::read_file(image_path);
  }

  [[nodiscard]] DatabaseBytes bytes() const {
    return {image.size(), [this](std::uint64_t offset, std::span<std::byte> into) {
              std::memcpy(into.data(), image.data() + offset, into.size());
            }};
  }

  TemporaryDirectory directory;
  std::string path = directory / "live.db";
  std::string image_path = directory / "image.db";
  std::string image;
};

/// All that is in a database, and whether it is sound.
std::string content(const std::string& path) {
  Connection connection(path, OpenMode::read_write);
  std::string all = connection.query_text("PRAGMA integrity_check");
  all += connection.query_text("SELECT group_concat(sql) FROM sqlite_schema");
  return all + connection.query_text("SELECT group_concat(i || hex(b)) FROM t");
}

/// Overwrites the database of `pair`, whose file was `old_file`, with a fault on the way.
test::FaultOutcome overwrite_with(const Fault& fault, const Pair& pair,
                                  const std::string& old_file) {
  test::write_file(pair.path, old_file);
  std::filesystem::remove(pair.path + "-journal");
  return test::run_with_fault(
      [&] {
        Connection live(pair.path, OpenMode::read_write);
        (void)overwrite_pages(live, pair.bytes(), std::nullopt, 1s);
      },
      fault);
}

constexpr const char* k_one_row = "UPDATE t SET b = 'changed' WHERE i = 1500";
const std::string k_grown = rows(3001, 4000) + "CREATE TABLE more(a); UPDATE t SET b = 'x' WHERE "
                                               "i % 500 = 0";
constexpr const char* k_shrunk = "DELETE FROM t WHERE i > 100; VACUUM";

} // namespace

TEST_CASE("a database becomes another one, whoever has it open") {
  const std::string change = GENERATE(as<std::string>(), k_one_row, k_grown, k_shrunk);
  const std::string page_size =
      GENERATE(as<std::string>(), "", "PRAGMA page_size=512;", "PRAGMA page_size=65536;");
  CAPTURE(change, page_size);
  const Pair pair(change, page_size);
  Connection reader(pair.path, OpenMode::read_write);
  REQUIRE(reader.query_integer("SELECT count(*) FROM t") == 3000);
  Connection live(pair.path, OpenMode::read_write);

  REQUIRE(overwrite_pages(live, pair.bytes(), std::nullopt, 1s) == PagesWritten::all);

  CHECK(content(pair.path) == content(pair.image_path));
  CHECK(reader.query_text("SELECT group_concat(i || hex(b)) FROM t") ==
        live.query_text("SELECT group_concat(i || hex(b)) FROM t"));
  CHECK(test::read_file(pair.path).size() == pair.image.size());
  CHECK(std::filesystem::exists(pair.path + "-journal") == false);
  reader.execute("INSERT INTO t VALUES (9999, 'and on it goes')");
}

TEST_CASE("of a database only the pages that differ are written") {
  const Pair pair(k_one_row);
  const auto outcome = test::run_with_fault(
      [&] {
        Connection live(pair.path, OpenMode::read_write);
        REQUIRE(overwrite_pages(live, pair.bytes(), std::nullopt, 1s) == PagesWritten::all);
      },
      {.effect = Fault::Effect::none, .calls = {"write"}});
  REQUIRE(outcome.status == 0);
  CHECK(outcome.calls > 3);
  CHECK(outcome.calls < 20);
}

TEST_CASE("a database to which somebody has committed is left alone") {
  const Pair pair(k_one_row);
  Connection live(pair.path, OpenMode::read_write);
  REQUIRE(live.query_integer("SELECT count(*) FROM t") == 3000);
  const std::uint32_t seen = live.seen_version();
  Connection(pair.path, OpenMode::read_write).execute("DELETE FROM t WHERE i = 1");

  CHECK(overwrite_pages(live, pair.bytes(), seen, 1s) == PagesWritten::moved);
  CHECK(live.query_integer("SELECT count(*) FROM t") == 2999);
  CHECK(overwrite_pages(live, pair.bytes(), live.seen_version(), 1s) == PagesWritten::all);
}

TEST_CASE("a database that somebody keeps reading is waited for, and not written to") {
  const Pair pair(k_one_row);
  Connection reader(pair.path, OpenMode::read_write);
  Connection live(pair.path, OpenMode::read_write);
  const std::string before = content(pair.path);
  {
    const Transaction view(reader, Transaction::Kind::read);
    CHECK_THROWS_AS(overwrite_pages(live, pair.bytes(), std::nullopt, 50ms), SqliteBusy);
  }
  CHECK(content(pair.path) == before);
}

TEST_CASE(
    "a database with a log, with other pages, or without any is not written to page by page") {
  const Pair pair(k_one_row);
  {
    Connection live(pair.path, OpenMode::read_write);
    live.execute("PRAGMA journal_mode=WAL");
    CHECK(overwrite_pages(live, pair.bytes(), std::nullopt, 1s) == PagesWritten::impossible);
    live.execute("PRAGMA journal_mode=DELETE; PRAGMA page_size=8192; VACUUM");
    CHECK(overwrite_pages(live, pair.bytes(), std::nullopt, 1s) == PagesWritten::impossible);
  }
  Connection none(pair.directory / "none.db", OpenMode::create);
  CHECK(overwrite_pages(none, pair.bytes(), std::nullopt, 1s) == PagesWritten::impossible);
}

TEST_CASE("killed at any call, a database is the old or the new one") {
  const std::string change = GENERATE(as<std::string>(), k_grown, k_shrunk);
  CAPTURE(change);
  const Pair pair(change);
  const std::string old_file = test::read_file(pair.path);
  const std::string old_content = content(pair.path);
  const std::string new_content = content(pair.image_path);
  bool is_new = false;
  bool is_struck = true;
  for (std::uint64_t at = 1; is_struck; ++at) {
    const auto outcome = overwrite_with({.effect = Fault::Effect::kill, .at = at}, pair, old_file);
    is_struck = outcome.struck;
    const std::string now = content(pair.path);
    CAPTURE(at, outcome.last_call);
    REQUIRE((now == old_content || now == new_content));
    REQUIRE((!is_new || now == new_content)); // once it is there, it stays
    is_new = now == new_content;
  }
  CHECK(is_new);
}

TEST_CASE("where a call fails, a database is as it was, or the new one and said to be so") {
  const int error = GENERATE(ENOSPC, EIO);
  const auto effect = GENERATE(Fault::Effect::fail, Fault::Effect::fail_from_now);
  const std::string change = GENERATE(as<std::string>(), k_grown, k_shrunk);
  CAPTURE(error, change, effect == Fault::Effect::fail);
  const Pair pair(change);
  const std::string old_file = test::read_file(pair.path);
  const std::string old_content = content(pair.path);
  const std::string new_content = content(pair.image_path);
  bool is_struck = true;
  for (std::uint64_t at = 1; is_struck; ++at) {
    const auto outcome =
        overwrite_with({.effect = effect, .at = at, .error = error}, pair, old_file);
    is_struck = outcome.struck;
    CAPTURE(at, outcome.last_call);
    REQUIRE((content(pair.path) == (outcome.status == 0 ? new_content : old_content)));
  }
}

TEST_CASE("the pages of a database are what its transaction sees, and not given where a log is") {
  const Pair pair(k_one_row);
  Connection live(pair.path, OpenMode::read_write);
  std::string read;
  {
    const Transaction view(live, Transaction::Kind::read);
    CHECK(read_pages(live, [&](ByteView bytes) { read += as_text(bytes); }));
  }
  CHECK((read == test::read_file(pair.path)));

  live.execute("PRAGMA journal_mode=WAL");
  const Transaction view(live, Transaction::Kind::read);
  CHECK_FALSE(read_pages(live, [](ByteView) { FAIL(); }));
}
