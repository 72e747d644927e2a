#include "project/selection.hpp"

#include "base/error.hpp"
#include "base/nearest_word.hpp"
#include "base/printable.hpp"

#include <algorithm>
#include <array>

namespace savepoint::project {
namespace {

using std::string_view;

constexpr std::array<string_view, 3> k_kinds{"code", "config", "database"};
constexpr string_view k_one_database = "database:";

[[noreturn]] void refuse(string_view item) {
  const std::string near = nearest_word(item.substr(0, item.find(':')), k_kinds);
  throw UsageError(quoted(item) + " is not a component",
                   near.empty() || near == item
                       ? "write code, config, database or database:NAME, with commas"
                       : "did you mean " + quoted(near) + "?");
}

} // namespace

Selection Selection::parse(string_view text) {
  Selection selection{.code = false, .config = false, .databases = false, .database_names = {}};
  bool every_database = false;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const string_view item = text.substr(at, end - at);
    at = end + 1;
    if (item == "code") {
      selection.code = true;
    } else if (item == "config") {
      selection.config = true;
    } else if (item == "database") {
      selection.databases = true;
      every_database = true;
    } else if (item.starts_with(k_one_database) && item.size() > k_one_database.size()) {
      selection.databases = true;
      selection.database_names.emplace_back(item.substr(k_one_database.size()));
    } else {
      refuse(item);
    }
  }
  if (every_database) {
    selection.database_names.clear();
  }
  return selection;
}

bool Selection::includes_database(string_view name) const {
  if (!databases) {
    return false;
  }
  const string_view last_part = name.substr(name.rfind('/') + 1);
  return database_names.empty() ||
         std::ranges::any_of(database_names, [&](const std::string& wanted) {
           return wanted == name || wanted == last_part;
         });
}

} // namespace savepoint::project
