#include "workbench.hpp"

#include "support/catch.hpp"

#include <thread>

using namespace savepoint;
using test::CommandWorkbench;
using test::Complaint;
using test::complaint_of;

namespace {

/// A workbench with "old" in the database when it was captured, and "new" now.
struct ChangedPlace {
  CommandWorkbench bench;
  CommandWorkbench::Image image;

  ChangedPlace() {
    test::write_file(bench / "data", "old");
    image = bench.capture(bench.target());
    test::write_file(bench / "data", "new");
  }
  [[nodiscard]] std::string now() const { return test::read_file(bench / "data"); }
};

} // namespace

TEST_CASE("nothing is changed before the swap, and everything after it") {
  const ChangedPlace place;
  const auto restoration = place.bench.staged(place.bench.target(), place.image);

  CHECK(place.now() == "new");
  restoration->swap();
  CHECK(place.now() == "old");
  restoration->close();
  CHECK(place.now() == "old");
}

TEST_CASE("a restore by commands can be undone") {
  const ChangedPlace place;
  const auto restoration = place.bench.staged(place.bench.target(), place.image);
  restoration->swap();

  restoration->undo();

  CHECK(place.now() == "new");
}

TEST_CASE("what waits for the swap has no name that a crash could leave behind") {
  const ChangedPlace place;
  const auto restoration = place.bench.staged(place.bench.target(), place.image);
  CHECK(std::filesystem::is_empty(place.bench.scratch()));

  restoration->swap();

  CHECK(std::filesystem::is_empty(place.bench.scratch()));
}

TEST_CASE("an image that is not the one that was captured never reaches the command") {
  const ChangedPlace place;
  const auto refused = [&](const Bytes& bytes) {
    const auto restoration = place.bench.driver().open_restoration(
        place.bench.target(), place.image.component, {.scratch = place.bench.scratch()});
    restoration->write(bytes);
    CHECK_THROWS_AS(restoration->check(place.image.component), CorruptionError);
  };

  refused(to_bytes("ol"));
  refused(to_bytes("olx"));
  refused(to_bytes("oldx"));
  refused({});
  CHECK(place.now() == "new");
}

TEST_CASE("a restore command that fails leaves the database as it was before") {
  const ChangedPlace place;
  // Takes "new" and nothing else: of "old" it writes a part, then it fails.
  const std::string restore = "read -r all; printf '%s' \"$all\" | head -c 2 > data; "
                              "[ \"$all\" = new ] || { echo 'disk is full' >&2; exit 4; }; "
                              "printf '%s' \"$all\" > data";
  const auto restoration = place.bench.staged(place.bench.target("cat data", restore), place.image);

  const Complaint complaint = complaint_of<DatabaseError>([&] { restoration->swap(); });

  CHECK(complaint.message ==
        "the 'restore' command of 'cache' failed with exit code 4: disk is full");
  CHECK(complaint.changed == Changed::no);
  CHECK(place.now() == "new");
}

TEST_CASE("where what was there cannot be put back either, it is said where it is") {
  const ChangedPlace place;
  const auto restoration =
      place.bench.staged(place.bench.target("cat data", "echo broken > data; exit 4"), place.image);

  const Complaint complaint = complaint_of<DatabaseError>([&] { restoration->swap(); });

  CHECK(complaint.changed == Changed::yes);
  CHECK(complaint.hint.find("what was in 'cache' before could not be put back: it is in the newest "
                            "safety snapshot") != std::string::npos);
}

TEST_CASE("a restore command that does not read its input to the end has not restored") {
  const CommandWorkbench bench;
  test::write_file(bench / "data", std::string(3'000'000, 'x'));
  const auto target = bench.target("cat data", "head -c 5 > other; exit 0");
  const auto restoration = bench.staged(target, bench.capture(target));

  const Complaint complaint = complaint_of<DatabaseError>([&] { restoration->swap(); });

  CHECK(complaint.message == "the 'restore' command of 'cache' ended without an error before it "
                             "had read everything");
}

TEST_CASE("where what is there cannot be dumped first, nothing is restored") {
  const ChangedPlace place;
  const auto restoration =
      place.bench.staged(place.bench.target("exit 3", "cat > data"), place.image);

  CHECK_THROWS_AS(restoration->swap(), DatabaseError);

  CHECK(place.now() == "new");
}

TEST_CASE("a restore that is stopped half way puts back what was there") {
  const ChangedPlace place;
  Cancellation wish;
  // Of "old" it writes a part and hangs; "new" it takes.
  const std::string restore = "read -r all; if [ \"$all\" = new ]; then printf new > data; else "
                              "printf o > data; touch begun; sleep 1000; fi";
  const auto restoration =
      place.bench.staged(place.bench.target("cat data", restore), place.image, &wish);
  const std::jthread user([&] {
    while (!std::filesystem::exists(place.bench / "begun")) {
      std::this_thread::yield();
    }
    wish.request();
  });

  CHECK_THROWS_AS(restoration->swap(), Cancelled);

  CHECK(place.now() == "new");
}

TEST_CASE("without a restore command nothing is begun, and the key is named") {
  const ChangedPlace place;
  const auto target = place.bench.target("cat data", "");

  const Complaint complaint = complaint_of<RefusedError>([&] {
    static_cast<void>(place.bench.driver().open_restoration(target, place.image.component,
                                                            {.scratch = place.bench.scratch()}));
  });

  CHECK(complaint.message == "cannot restore 'cache': its entry in the settings has no 'restore'");
}

TEST_CASE("single tables and rehearsals are refused, because only the commands know the dump") {
  const ChangedPlace place;
  const auto target = place.bench.target();

  CHECK_THROWS_AS(
      place.bench.driver().open_restoration(
          target, place.image.component, {.scratch = place.bench.scratch(), .tables = {"users"}}),
      RefusedError);
  CHECK_THROWS_AS(place.bench.driver().open_rehearsal(target, place.image.component,
                                                      {.scratch = place.bench.scratch()}),
                  RefusedError);
}
