#include "workbench.hpp"

#include "support/catch.hpp"

using namespace savepoint;
using namespace savepoint::drivers::postgres;
using savepoint::test::PsqlSession;

namespace {

constexpr const char* k_shop = R"(
CREATE TABLE items(id serial PRIMARY KEY, name text);
INSERT INTO items(name) SELECT 'item ' || i FROM generate_series(1, 500) i;
CREATE TABLE counted(i int);
SELECT lo_from_bytea(4711, '\x0102');
)";

/// A database with the strategy "template", as a snapshot goes about it.
class Copying {
public:
  explicit Copying(const std::string& statements = k_shop) : bench_(statements) {
    bench_.target().settings.strategy = "template";
  }
  ~Copying() {
    if (const std::string left = copy(); !left.empty()) {
      bench_.server().drop_database(left);
    }
  }
  Copying(const Copying&) = delete;
  Copying& operator=(const Copying&) = delete;

  [[nodiscard]] Workbench& bench() { return bench_; }

  /// Captures, and tends the copies.
  Image snapshot() {
    std::string before;
    while ((before = bench_.fingerprint()) == "none") {
      bench_.server().sql("postgres", "CHECKPOINT"); // all that was written is on disk then
    }
    Image image = bench_.capture();
    tended_ = bench_.driver().tend_copies(bench_.target(), image.component, before);
    return image;
  }
  /// What the last snapshot knows the database by, and says of its copy.
  [[nodiscard]] const database::Tended& tended() const { return tended_; }

  [[nodiscard]] std::string copy() const {
    const std::string all = bench_.server().sql(
        "postgres",
        "SELECT datname FROM pg_database WHERE datname LIKE 'savepoint\\_template\\_%'");
    return all.substr(0, all.find_last_not_of('\n') + 1);
  }

  /// Restores with client programs that do not exist: only from a copy.
  void restore_from_copy(const Image& image) {
    bench_.use_versions(bench_.directory() / "nothing");
    const auto restoration =
        bench_.driver().open_restoration(bench_.target(), image.component, bench_.options());
    REQUIRE_FALSE(restoration->needs_image());
    restoration->check(image.component);
    restoration->swap();
    restoration->close();
    bench_.use_versions("/usr/lib/postgresql");
  }

private:
  Workbench bench_;
  database::Tended tended_;
};

} // namespace

TEST_CASE("a copy is kept on the server and restored from, exactly, without the archive") {
  Copying copying;
  Workbench& bench = copying.bench();
  const std::string before = bench.dump();
  const Image image = copying.snapshot();
  REQUIRE(copying.tended().note.empty());
  REQUIRE(copying.copy().starts_with("savepoint_template_"));
  REQUIRE(copying.copy().size() == std::string_view("savepoint_template_").size() + 16);

  bench.sql("DELETE FROM items; DROP TABLE counted; SELECT lo_unlink(4711)");
  copying.restore_from_copy(image);

  CHECK(bench.dump() == before);
  CHECK(bench.server().databases() == copying.copy() + "\nshop\n");
}

TEST_CASE("nobody is let into a copy, so that it stays what it is") {
  Copying copying;
  (void)copying.snapshot();

  CHECK_THROWS(copying.bench().server().sql(copying.copy(), "SELECT 1", "app"));
  CHECK_THROWS(copying.bench().server().sql(copying.copy(), "SELECT 1", "postgres"));
}

TEST_CASE("making a copy does not make the database look changed, and a change still does") {
  Copying copying;
  (void)copying.snapshot();
  REQUIRE_FALSE(copying.copy().empty());

  CHECK(copying.bench().fingerprint() == copying.tended().fingerprint);

  copying.bench().sql("UPDATE items SET name = 'x' WHERE id = 1");
  CHECK(copying.bench().fingerprint() != copying.tended().fingerprint);
}

TEST_CASE("an unchanged database whose copy is gone gets another one, and keeps the one it has") {
  Copying copying;
  Workbench& bench = copying.bench();
  const Image image = copying.snapshot();
  const std::string first = copying.copy();

  const auto again =
      bench.driver().tend_copies(bench.target(), image.component, copying.tended().fingerprint);
  CHECK(again.fingerprint == copying.tended().fingerprint);
  CHECK(copying.copy() == first);

  bench.server().sql("postgres", "DROP DATABASE " + first, "app");
  const auto fresh =
      bench.driver().tend_copies(bench.target(), image.component, bench.fingerprint());
  CHECK(fresh.note.empty());
  CHECK_FALSE(copying.copy().empty());
  CHECK(bench.fingerprint() == fresh.fingerprint);
}

TEST_CASE("only the newest copy of a database is kept") {
  Copying copying;
  Workbench& bench = copying.bench();
  const Image old = copying.snapshot();
  const std::string first = copying.copy();
  bench.sql("DELETE FROM items WHERE id = 1");
  const std::string before = bench.dump();
  const Image image = copying.snapshot();

  CHECK(copying.copy() != first);
  CHECK(copying.copy().find('\n') == std::string::npos);
  CHECK(bench.fingerprint() == copying.tended().fingerprint);

  bench.restore(old); // from its archive
  CHECK(bench.sql("SELECT count(*) FROM items") == "500\n");
  copying.restore_from_copy(image);
  CHECK(bench.dump() == before);
}

TEST_CASE("while others are connected there is no copy, and they are named") {
  Copying copying;
  PsqlSession other(copying.bench().server(), "shop");
  (void)other.run("SELECT 1");

  (void)copying.snapshot();

  CHECK_THAT(copying.tended().note, Catch::Contains("others are connected: pid"));
  CHECK(copying.copy().empty());
  CHECK(copying.bench().fingerprint() == copying.tended().fingerprint);
  CHECK(other.run("SELECT 7") == "7\n"); // and nobody was sent away
}

TEST_CASE("what changed after the capture is never in a copy of it") {
  Copying copying;
  Workbench& bench = copying.bench();
  bench.server().sql("postgres", "CHECKPOINT");
  const std::string before = bench.fingerprint();
  const Image image = bench.capture();

  SECTION("rows") {
    bench.sql("INSERT INTO counted VALUES(1)");
  }
  SECTION("a sequence") {
    bench.sql("SELECT nextval('items_id_seq')");
  }

  const auto tended = bench.driver().tend_copies(bench.target(), image.component, before);
  CHECK_THAT(tended.note, Catch::Contains("changed"));
  CHECK(tended.fingerprint == before);
  CHECK(copying.copy().empty());
}

TEST_CASE("a copy is made only where it stays what the archive is") {
  Copying copying(std::string(k_shop) + "CREATE UNLOGGED TABLE fleeting(i int)");
  (void)copying.snapshot();

  CHECK_THAT(copying.tended().note, Catch::Contains("unlogged"));
  CHECK(copying.copy().empty());
}

TEST_CASE("a copy that somebody changed is not restored from") {
  Copying copying;
  Workbench& bench = copying.bench();
  const std::string before = bench.dump();
  const Image image = copying.snapshot();
  const std::string copy = copying.copy();
  bench.server().sql("postgres", "ALTER DATABASE " + copy + " ALLOW_CONNECTIONS true", "app");
  bench.server().sql(copy, "DELETE FROM items WHERE id > 10", "app");

  SECTION("and is still open") {}
  SECTION("and closed again") {
    bench.server().sql("postgres", "ALTER DATABASE " + copy + " ALLOW_CONNECTIONS false", "app");
  }

  bench.sql("DROP TABLE items");
  bench.restore(image);
  CHECK(bench.dump() == before);
  CHECK(copying.copy().empty());
}

TEST_CASE("copies go when nobody wants them, and only those of that database") {
  Copying copying;
  Workbench& bench = copying.bench();
  const Image image = copying.snapshot();
  REQUIRE_FALSE(copying.copy().empty());

  SECTION("the strategy is another one") {
    bench.target().settings.strategy = "dump";
    (void)copying.snapshot();
    CHECK(copying.tended().note.empty());
    CHECK(copying.copy().empty());
    (void)copying.snapshot();
    CHECK(copying.tended().fingerprint == bench.fingerprint());
  }
  SECTION("the database is gone") {
    bench.server().drop_database("shop");
    bench.server().create_database("shop2");
    bench.target() = bench.server().target("shop2");
    (void)bench.capture();
    CHECK(copying.copy().empty());
    bench.server().drop_database("shop2");
  }
  SECTION("another database has none, and its snapshot is taken") {
    bench.server().create_database("shop2");
    bench.target() = bench.server().target("shop2");
    (void)copying.snapshot();
    CHECK_FALSE(copying.copy().empty());
    bench.server().drop_database("shop2");
  }
  SECTION("a copy that was never completed") {
    bench.server().sql("postgres", "COMMENT ON DATABASE " + copying.copy() + " IS NULL", "app");
    CHECK(bench.fingerprint() == "none");
    (void)bench.capture();
    CHECK(copying.copy().empty());
  }
}

TEST_CASE("databases that only look like copies of ours stay") {
  Copying copying;
  Workbench& bench = copying.bench();
  bench.server().sql("postgres", "CREATE DATABASE savepoint_template_0123456789abcdef");
  bench.server().sql("postgres", "CREATE DATABASE savepoint_template_mine OWNER app");

  (void)copying.snapshot();
  (void)bench.capture();

  CHECK_THAT(bench.server().databases(), Catch::Contains("savepoint_template_0123456789abcdef\n") &&
                                             Catch::Contains("savepoint_template_mine\n"));
  bench.server().drop_database("savepoint_template_0123456789abcdef");
  bench.server().drop_database("savepoint_template_mine");
}

TEST_CASE("a role that may not make databases has no copy, and is told so") {
  Copying copying;
  Workbench& bench = copying.bench();
  bench.server().sql("postgres", "DROP ROLE IF EXISTS modest; CREATE ROLE modest LOGIN; GRANT app "
                                 "TO modest");
  bench.target() = bench.server().target("shop", "modest");
  bench.target().settings.strategy = "template";

  (void)copying.snapshot();

  CHECK_THAT(copying.tended().note, Catch::Contains("permission denied"));
  CHECK(copying.copy().empty());
}

TEST_CASE("a privilege that was revoked before the snapshot does not come back with a copy") {
  Copying copying;
  Workbench& bench = copying.bench();
  bench.server().sql("postgres", "DROP ROLE IF EXISTS reader; CREATE ROLE reader");
  bench.sql("GRANT SELECT ON items TO reader");
  const Image open = copying.snapshot();
  const std::string first = copying.copy();
  bench.sql("REVOKE SELECT ON items FROM reader");
  const Image closed = copying.snapshot();

  CHECK(copying.copy() != first);
  CHECK(closed.component.details.find("content")->as_string() ==
        open.component.details.find("content")->as_string());
  bench.sql("DELETE FROM items");
  copying.restore_from_copy(closed);
  CHECK(bench.sql("SELECT has_table_privilege('reader', 'items', 'SELECT')") == "f\n");
  const auto restoration =
      bench.driver().open_restoration(bench.target(), open.component, bench.options());
  CHECK(restoration->needs_image()); // the copy is not of that snapshot
}

TEST_CASE("who wants no copies needs no other database to connect to, and gets no note") {
  Workbench bench(k_shop);
  bench.server().sql("postgres", "DROP ROLE IF EXISTS modest; CREATE ROLE modest LOGIN; GRANT app "
                                 "TO modest; REVOKE CONNECT ON DATABASE postgres, template1 FROM "
                                 "PUBLIC");
  bench.target() = bench.server().target("shop", "modest");
  const Image image = bench.capture();

  const auto tended = bench.driver().tend_copies(bench.target(), image.component, "as before");
  bench.server().sql("postgres", "GRANT CONNECT ON DATABASE postgres, template1 TO PUBLIC");
  CHECK(tended.note.empty());
  CHECK(tended.fingerprint == "as before");
}

TEST_CASE("another database of the server is made from the copy as well") {
  Copying copying;
  Workbench& bench = copying.bench();
  const Image image = copying.snapshot();
  const std::string before = bench.dump();
  bench.target() = bench.server().target("staging");
  auto options = bench.options();
  options.create = true;

  const auto restoration =
      bench.driver().open_restoration(bench.target(), image.component, options);
  CHECK_FALSE(restoration->needs_image());
  restoration->check(image.component);
  restoration->swap();
  restoration->close();

  CHECK(bench.server().dump("staging") == before);
  CHECK(bench.server().sql("staging", "INSERT INTO items(name) VALUES('x') RETURNING id", "app") ==
        "501\n");
  bench.server().drop_database("staging");
}

TEST_CASE("a rehearsal loads the archive, whatever the server keeps") {
  Copying copying;
  Workbench& bench = copying.bench();
  Image image = copying.snapshot();
  const auto rehearsal =
      bench.driver().open_rehearsal(bench.target(), image.component, bench.options());
  CHECK(rehearsal->needs_image());
  rehearsal->write(ByteView(image.bytes).first(image.bytes.size() / 2));
  CHECK_THROWS_AS(rehearsal->check(image.component), CorruptionError);
}
