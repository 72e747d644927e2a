#include "fs/files.hpp"
#include "restore/internal/staging.hpp"
#include "restore/internal/swap.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

#include <algorithm>

using namespace savepoint;
using restore::StagedName;
using restore::Staging;
using restore::Step;
using restore::Swap;
using test::read_file;
using test::write_file;

namespace {

/// A directory and a swap in it that replaces `old`, makes `new`, takes `gone` away and gives
/// `same` another time.
class Scene {
public:
  Scene() {
    for (const char* name : {"old", "gone", "same"}) {
      write_file(place / name, "then");
    }
    staging.emplace(place.path(), root);
    steps = {step(Step::Kind::exchange, "old", 0), step(Step::Kind::place, "new", 1),
             step(Step::Kind::take_away, "gone", 2),
             step(Step::Kind::set_file_metadata, "same", 3)};
    write_file(staging->path_of(steps[0].staged), "restored");
    write_file(staging->path_of(steps[1].staged), "restored");
    steps[2].staged.directory = StagedName::k_old;
    const fs::FileStatus same = fs::status(place / "same").value();
    steps[3].seen = restore::to_sight(same);
    steps[3].before = {.mode = same.mode, .mtime_ns = same.mtime_ns, .attributes = {}};
    steps[3].after = {.mode = 0600, .mtime_ns = 1'000'000'000, .attributes = {}};
  }

  [[nodiscard]] std::string text(const char* name) const { return read_file(place / name); }
  /// Everything below the directory that is called like one of ours.
  [[nodiscard]] std::string leftovers() const {
    return test::shell(place.path(), "cat $(find . -path './.savepoint-*' -type f) < /dev/null");
  }

  test::TemporaryDirectory place;
  fs::Descriptor root = fs::open_directory(place.path());
  std::optional<Staging> staging;
  std::vector<Step> steps;

private:
  Step step(Step::Kind kind, const char* path, std::size_t number) {
    Step made;
    made.kind = kind;
    made.path = path;
    made.staged = {.place = staging->place_for(""), .directory = 0, .number = number};
    return made;
  }
};

} // namespace

TEST_CASE("a swap is taken back step by step") {
  Scene scene;
  {
    Swap swap(scene.root, *scene.staging, {}, scene.steps);
    swap.perform();
    CHECK(scene.text("old") == "restored");
    CHECK(scene.text("new") == "restored");
    CHECK_FALSE(fs::status(scene.place / "gone"));

    CHECK(swap.roll_back().empty());
  }

  CHECK(scene.text("old") == "then");
  CHECK(scene.text("gone") == "then");
  CHECK_FALSE(fs::status(scene.place / "new"));
  CHECK(fs::status(scene.place / "same")->mtime_ns == scene.steps[3].before.mtime_ns);
}

TEST_CASE("what an editor saves during a swap stays when the swap is taken back") {
  Scene scene;
  Swap swap(scene.root, *scene.staging, {}, scene.steps);
  swap.perform();
  // Some editors write into the file, others put another one in its place.
  write_file(scene.place / "new", "edited in place");
  for (const char* name : {"old", "gone", "same"}) {
    write_file(scene.place / "edited", std::string("edited: ") + name);
    std::filesystem::rename(scene.place / "edited", scene.place / name);
  }
  const std::int64_t edited_at = fs::status(scene.place / "same")->mtime_ns;

  const std::vector<std::string> stuck = swap.roll_back();

  CHECK(stuck.size() == 4);
  for (const char* name : {"'old'", "'new'", "'gone'", "'same'"}) {
    CAPTURE(name);
    CHECK(std::ranges::any_of(stuck, [&](const auto& one) { return one.starts_with(name); }));
  }
  CHECK(scene.text("old") == "edited: old");
  CHECK(scene.text("new") == "edited in place");
  CHECK(scene.text("gone") == "edited: gone");
  CHECK(scene.text("same") == "edited: same");
  CHECK(fs::status(scene.place / "same")->mtime_ns == edited_at);
}

TEST_CASE("what could not be put back stays until the recovery") {
  Scene scene;
  Swap swap(scene.root, *scene.staging, {}, scene.steps);
  swap.perform();
  write_file(scene.place / "gone", "edited");
  REQUIRE(swap.roll_back().size() == 1);

  scene.staging->stay();
  scene.staging.reset();
  CHECK(scene.leftovers().find("then") != std::string::npos);
  {
    Staging next(scene.place.path(), scene.root);
    CHECK(scene.leftovers().find("then") != std::string::npos);
    next.sweep_older();
  }

  CHECK(scene.leftovers().empty());
  CHECK(scene.text("gone") == "edited");
}
