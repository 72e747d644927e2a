#pragma once

#include "base/timestamp.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace savepoint::cli {

/// "812 B", "18.3 MiB": at most four digits, in binary units.
[[nodiscard]] std::string human_size(std::uint64_t bytes);
/// "just now", "3 minutes ago", "in 2 hours".
[[nodiscard]] std::string age(Timestamp then, Timestamp now);
/// "0.21 s", "2 min 5 s".
[[nodiscard]] std::string human_duration(std::chrono::milliseconds duration);
/// "1 file", "812 files"; `plural` where an s does not do.
[[nodiscard]] std::string counted(std::uint64_t number, std::string_view noun,
                                  std::string_view plural = {});
/// "2026-11-21 04:15 UTC".
[[nodiscard]] std::string human_time(Timestamp time);
/// The last part of a snapshot's id, by which people call it.
[[nodiscard]] std::string_view short_id(std::string_view id);

/// A word as a shell would have to be given it.
[[nodiscard]] std::string shell_word(const std::string& word);

/// How many columns `text` takes on a terminal: marks that combine take none, wide letters two.
[[nodiscard]] std::size_t columns(std::string_view text);
/// The beginning of `text` that fits into `width` columns, "…" at its end if something is missing.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t width);

/// `text` in lines of at most `width` columns, broken between words, `indent` spaces before each
/// but the first. A word that is longer stays whole.
[[nodiscard]] std::string wrapped(std::string_view text, std::size_t width, std::size_t indent);

/// Lines with aligned columns. Cells must be printable; styles are put around them afterwards.
class Table {
public:
  enum class Align { left, right };
  explicit Table(std::vector<Align> columns) : columns_(std::move(columns)) {}
  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  /// Every row as a line without trailing spaces, `indent` spaces before it.
  [[nodiscard]] std::vector<std::string> lines(std::size_t indent = 0) const;
  /// The same, where a row that is wider than `width` goes on below its last column.
  [[nodiscard]] std::vector<std::string> wrapped_lines(std::size_t width) const;

private:
  [[nodiscard]] std::vector<std::size_t> widths() const;

  std::vector<Align> columns_;
  std::vector<std::vector<std::string>> rows_;
};

} // namespace savepoint::cli
