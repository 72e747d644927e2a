#pragma once

#include <string>

namespace savepoint::commands {

/// What a program is called without the directories it is in.
inline std::string base_name(const std::string& word) {
  return word.substr(word.rfind('/') + 1);
}

} // namespace savepoint::commands
