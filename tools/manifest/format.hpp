#pragma once

#include "base/timestamp.hpp"
#include "manifest/entries.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace savepoint::tools {

/// The line that `list --format` prints for each snapshot: text with fields in braces. `{{` and
/// `}}` are braces, `\t` and `\n` a tab and a new line, `\\` a backslash.
class Format {
public:
  /// Throws UsageError if it cannot be read; names the nearest field for one that does not exist.
  explicit Format(std::string_view text);

  /// Values are printable, so that none of them moves the cursor or ends the line.
  [[nodiscard]] std::string line(const Entry& entry, Timestamp now) const;

private:
  struct Part {
    std::string text;      ///< As it is, if there is no field.
    std::size_t field = 0; ///< In the list of fields, counted from 1.
  };
  void add(char letter);
  void add_field(std::string_view name);
  std::vector<Part> parts_;
};

} // namespace savepoint::tools
