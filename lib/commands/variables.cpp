#include "commands/variables.hpp"

#include "commands/internal/base_name.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace savepoint::commands {

std::map<std::string, std::string> variables_set_by(const std::vector<std::string>& words) {
  constexpr std::array<std::string_view, 2> k_setters{"env", "cross-env"};
  std::map<std::string, std::string> variables;
  if (words.empty() || std::ranges::find(k_setters, base_name(words.front())) == k_setters.end()) {
    return variables;
  }
  for (auto word = std::next(words.begin()); word != words.end(); ++word) {
    const std::size_t equals = word->find('=');
    if (equals == std::string::npos || equals == 0 || word->starts_with('-')) {
      break;
    }
    variables.insert_or_assign(word->substr(0, equals), word->substr(equals + 1));
  }
  return variables;
}

} // namespace savepoint::commands
