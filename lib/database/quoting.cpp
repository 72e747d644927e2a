#include "database/quoting.hpp"

namespace savepoint::database {

std::string in_quotes(std::string_view text, char quote) {
  std::string result(1, quote);
  for (const char character : text) {
    result += character;
    if (character == quote) {
      result += quote;
    }
  }
  return result + quote;
}

} // namespace savepoint::database
