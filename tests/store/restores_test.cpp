#include "store/restores.hpp"

#include "base/error.hpp"
#include "store/check.hpp"
#include "support/catch.hpp"
#include "support/format_example.hpp"
#include "support/temporary_directory.hpp"

using namespace savepoint;
using store::PastRestore;
using test::TemporaryDirectory;

namespace {

const store::WorkTree k_tree{.project = {.id = "0123abcd", .name = "shop", .worktree = ""},
                             .root_inode = 815};
const store::WorkTree k_copy{.project = k_tree.project, .root_inode = 816};

PastRestore restore(const std::string& safety, const std::string& at) {
  return {.safety = SnapshotId::parse(safety).value(), .at = parse_iso8601(at).value()};
}

const PastRestore k_first = restore("20261121-040506-77f0", "2026-11-21T04:05:07.250Z");
const PastRestore k_second = restore("20261122-101112-0a1b", "2026-11-22T10:11:13.000Z");

std::vector<SnapshotId> listed(const store::Store& store, const store::WorkTree& tree) {
  std::vector<SnapshotId> ids;
  for (const PastRestore& one : store::find_restores(store, tree)) {
    ids.push_back(one.safety);
  }
  return ids;
}

} // namespace

TEST_CASE("the restores of a work tree are listed, the newest first, and not those of a copy") {
  const TemporaryDirectory place;
  store::Store store = store::Store::open_or_create(place / "store");

  CHECK(listed(store, k_tree).empty());
  store::add_restore(store, k_tree, k_first);
  store::add_restore(store, k_copy, k_second);
  CHECK(listed(store, k_tree) == std::vector{k_first.safety});
  CHECK(store::find_restores(store, k_tree).front().at == k_first.at);
  CHECK(store::restores_of_others(store, k_tree) == std::set{k_second.safety});
  CHECK(store::list_journals(store).whole.empty());

  store::add_restore(store, k_tree, k_second);
  CHECK(listed(store, k_tree) == std::vector{k_second.safety, k_first.safety});
  store::add_restore(store, k_tree, k_first);
  CHECK(listed(store, k_tree) == std::vector{k_first.safety, k_second.safety});
  store::remove_restore(store, k_tree, k_first.safety);
  store::remove_restore(store, k_tree, k_first.safety);
  CHECK(listed(store, k_tree) == std::vector{k_second.safety});
}

TEST_CASE("a list of restores does not grow for ever") {
  const TemporaryDirectory place;
  store::Store store = store::Store::open_or_create(place / "store");
  for (int i = 0; i < 100; ++i) {
    store::add_restore(store, k_tree,
                       {.safety = SnapshotId::make(k_first.at + std::chrono::seconds(i), "0a1b"),
                        .at = k_first.at});
  }

  CHECK(listed(store, k_tree).size() == 64);
  CHECK(listed(store, k_tree).front() ==
        SnapshotId::make(k_first.at + std::chrono::seconds(99), "0a1b"));
}

TEST_CASE("a damaged list of restores is as none, and is named by a check") {
  const TemporaryDirectory place;
  store::Store store = store::Store::open_or_create(place / "store");
  store::add_restore(store, k_tree, k_first);
  CHECK(store::check_documents(store).empty());
  test::shell(place.path(), "sed -i s/77f0/77f1/ store/restores/*.json");

  CHECK(listed(store, k_tree).empty());
  CHECK(store::restores_of_others(store, k_copy).empty());
  REQUIRE(store::check_documents(store).size() == 1);
  CHECK(store::check_documents(store).front().file.starts_with("restores/"));

  store::add_restore(store, k_tree, k_second);
  CHECK(listed(store, k_tree) == std::vector{k_second.safety});
}

TEST_CASE("the example of docs/formats/restores.md is what is written") {
  const TemporaryDirectory place;
  store::Store store = store::Store::open_or_create(place / "store");
  store::add_restore(store, k_tree, k_first);
  store::add_restore(store, k_tree, k_second);

  CHECK(test::shell(place.path(), "cat store/restores/*.json") == test::format_text("restores"));
}
