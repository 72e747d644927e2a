#include "store/journal.hpp"

#include "base/error.hpp"
#include "support/catch.hpp"
#include "support/format_example.hpp"
#include "support/temporary_directory.hpp"

using namespace savepoint;
using test::TemporaryDirectory;

namespace {

store::Journal sample() {
  return {
      .tree = {.project = {.id = "0123abcd", .name = "shop", .worktree = ""}, .root_inode = 815},
      .target = *SnapshotId::parse("20261120-180000-0a1b"),
      .safety = *SnapshotId::parse("20261121-040506-77f0"),
      .request = json::Value::object({{"code", true},
                                      {"config", true},
                                      {"databases", json::Value::array({"prisma/dev.db"})},
                                      {"paths", json::Value::array()},
                                      {"tables", json::Value::array()},
                                      {"with_config", false},
                                      {"keep_extra", false},
                                      {"partial", false},
                                      {"create_database", false},
                                      {"disconnect", false},
                                      {"confirmed", json::Value::array()}})};
}

} // namespace

TEST_CASE("a journal is what was written until it is removed") {
  const TemporaryDirectory place;
  store::Store store = store::Store::open_or_create(place / "store");
  const store::Journal journal = sample();
  store::Journal linked = sample();
  linked.tree.project.worktree = "feature";

  CHECK_FALSE(store::find_journal(store.root(), journal.tree));
  store::write_journal(store, journal);
  store::write_journal(store, linked);

  const auto found = store::find_journal(store.root(), journal.tree);
  REQUIRE(found);
  CHECK(found->target == journal.target);
  CHECK(found->safety == journal.safety);
  CHECK(found->tree.project.name == journal.tree.project.name);
  CHECK(found->request == journal.request);
  store::WorkTree copy = journal.tree;
  copy.root_inode = 816;
  CHECK_FALSE(store::find_journal(store.root(), copy));
  CHECK(store::list_journals(store).whole.size() == 2);
  store::remove_journal(store, journal.tree);
  store::remove_journal(store, journal.tree);
  CHECK_FALSE(store::find_journal(store.root(), journal.tree));
  CHECK(store::find_journal(store.root(), linked.tree));
}

TEST_CASE("a damaged journal is named and not believed") {
  const TemporaryDirectory place;
  store::Store store = store::Store::open_or_create(place / "store");
  store::write_journal(store, sample());
  test::shell(place.path(), "sed -i s/0a1b/0a1c/ store/journals/*.json");

  CHECK_THROWS_AS(store::find_journal(store.root(), sample().tree), CorruptionError);
  CHECK(store::list_journals(store).whole.empty());
  CHECK(store::list_journals(store).unreadable.size() == 1);
}

TEST_CASE("the worked example of a journal is what is written") {
  const TemporaryDirectory place;
  store::Store store = store::Store::open_or_create(place / "store");

  store::write_journal(store, sample());

  CHECK(test::shell(place.path(), "cat store/journals/*.json") == test::format_text("journal"));
}
