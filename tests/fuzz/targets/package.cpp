#include "fuzz/promise.hpp"
#include "fuzz/targets.hpp"
#include "npm/scripts.hpp"
#include "json/value.hpp"

#include <algorithm>
#include <string>

namespace savepoint::fuzz {
namespace {

/// All of a package.json but its scripts.
json::Members without_scripts(const std::string& text) {
  json::Members members = json::parse(text, "package.json").members();
  std::erase_if(members, [](const auto& member) { return member.first == "scripts"; });
  return members;
}

} // namespace

void fuzz_package(ByteView bytes) {
  unless_refused([&] {
    const std::string before(as_text(bytes));
    const npm::Edit added = npm::add_scripts(before, "package.json");
    promise(without_scripts(added.text) == without_scripts(before), "all else stays as it was");
    const npm::Edit again = npm::add_scripts(added.text, "package.json");
    promise(again.text == added.text, "adding scripts twice is adding them once");
    const npm::Edit removed = npm::remove_scripts(added.text, "package.json");
    promise(without_scripts(removed.text) == without_scripts(before), "all else is left there");
    promise(npm::remove_scripts(removed.text, "package.json").text == removed.text,
            "removing scripts twice is removing them once");
  });
}

} // namespace savepoint::fuzz
