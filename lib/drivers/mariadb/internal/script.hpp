#pragma once

#include "base/bytes.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace savepoint::drivers::mariadb {

// The image of a database is a script of SQL that the server's own client can run as well
// (docs/drivers/mariadb.md). It has sections, which begin with a comment; a statement is a line, or
// stands between DELIMITER lines where it has line breaks. Rows are a line each.

inline constexpr std::string_view k_script_head =
    "-- A database of MariaDB or MySQL, written by savepoint. Format 1\n";
inline constexpr std::string_view k_script_end = "-- End\n";

/// What a section of the script is about.
struct Section {
  std::string kind; ///< "TABLE", "SEQUENCE", "VALUES" (of a sequence), "VIEW", "PROCEDURE" …
  std::string name;
  std::string table; ///< Of a trigger.
};

/// Appends the comment that begins a section.
void append_section(std::string& script, const Section& section);
/// Appends a statement (without its semicolon).
void append_statement(std::string& script, std::string_view statement);

/// Takes a script apart while it arrives.
class ScriptReader {
public:
  struct Listener {
    std::function<void(const Section&)> section;
    std::function<void(std::string_view)> statement;
  };
  explicit ScriptReader(Listener listener) : listener_(std::move(listener)) {}

  /// Throws CorruptionError for what is no script of ours.
  void write(ByteView bytes);
  /// Throws CorruptionError if the script is not whole.
  void finish();

private:
  void take_line(std::string_view line);

  Listener listener_;
  std::string line_;      ///< The beginning of a line whose end has not come yet.
  std::string block_;     ///< A statement between DELIMITER lines.
  std::string delimiter_; ///< Empty: `;`.
  bool has_head_ = false;
  bool has_end_ = false;
};

} // namespace savepoint::drivers::mariadb
