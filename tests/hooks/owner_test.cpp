#include "hooks/internal/owner.hpp"

#include "support/catch.hpp"

using namespace savepoint;
using hooks::Owner;
using hooks::OwnerNote;
using hooks::parse_owner_note;
using hooks::to_text;

namespace {

const SnapshotId k_target = SnapshotId::parse("20261121-040506-abcd").value();
const SnapshotId k_kept = SnapshotId::parse("20261121-040507-ef01").value();

} // namespace

TEST_CASE("whose databases are is read as it was written") {
  for (const std::optional<std::string>& branch :
       {std::optional<std::string>("main"), std::optional<std::string>("a/b \xff"),
        std::optional<std::string>("detached"), std::optional<std::string>()}) {
    const OwnerNote note{.owner = {branch},
                         .change =
                             OwnerNote::Change{.to = {branch}, .target = k_target, .kept = k_kept}};

    const auto plain = parse_owner_note(to_text({.owner = {branch}}));
    const auto changing = parse_owner_note(to_text(note));

    REQUIRE(plain);
    CHECK(plain->owner == Owner{branch});
    CHECK_FALSE(plain->change);
    REQUIRE(changing);
    REQUIRE(changing->change);
    CHECK(changing->change->to == Owner{branch});
    CHECK(changing->change->target == k_target);
    CHECK(changing->change->kept == k_kept);
  }
}

TEST_CASE("what says nothing sensible of it says nothing, however much of it is missing") {
  for (const char* text : {"", "\n", "main\n", "refs/heads/", "refs/heads/\n", "refs/tags/x\n"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_owner_note(text));
  }
  const std::string whole =
      to_text({.owner = {"main"},
               .change = OwnerNote::Change{.to = {"topic"}, .target = k_target, .kept = k_kept}});
  const std::size_t first = whole.find('\n') + 1;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    const auto note = parse_owner_note(std::string_view(whole).substr(0, size));
    REQUIRE(note.has_value() == (size >= first));
    CHECK((!note || (note->owner == Owner{"main"} && !note->change)));
  }
}
