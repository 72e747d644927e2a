#include "manifest/patch.hpp"

#include "base/printable.hpp"
#include "cli/text.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace savepoint::tools {
namespace {

using cli::FileChange;
using cli::Style;
using cli::Terminal;
using git::TextDiff;
using store::EntryKind;
using store::TreeEntry;

constexpr std::uint32_t k_owner_executes = 0100;

/// As git calls it: it knows of files no more than whether they can be run.
std::string_view mode_of(const TreeEntry& entry) {
  if (entry.kind == EntryKind::symlink) {
    return "120000";
  }
  return (entry.mode & k_owner_executes) != 0 ? "100755" : "100644";
}

/// A path as git writes it in a patch: in quotes where it has letters that would end it.
std::string git_path(std::string_view prefix, const std::string& path) {
  const std::string whole = std::string(prefix) + path;
  std::string text;
  for (const char letter : whole) {
    const auto byte = static_cast<unsigned char>(letter);
    if (letter == '"' || letter == '\\') {
      text += std::string("\\") + letter;
    } else if (byte < 0x20 || byte == 0x7f || (byte >= 0x80 && !is_utf8(whole))) {
      text += '\\';
      text += static_cast<char>('0' + (byte >> 6U));
      text += static_cast<char>('0' + ((byte >> 3U) & 7U));
      text += static_cast<char>('0' + (byte & 7U));
    } else {
      text += letter;
    }
  }
  return text == whole ? text : "\"" + text + "\"";
}

/// A line of a file as a terminal may get it; a program gets it as it is.
std::string shown(const Terminal& terminal, const std::string& line) {
  if (!terminal.stdout_is_terminal()) {
    return line;
  }
  std::string text;
  std::string_view rest = line;
  while (!rest.empty()) { // printable, but for tabs and backslashes, of which code is full
    const std::size_t plain = std::min(rest.find_first_of("\t\\"), rest.size());
    text += printable(rest.substr(0, plain));
    if (plain < rest.size()) {
      text += rest[plain];
    }
    rest.remove_prefix(std::min(plain + 1, rest.size()));
  }
  return text;
}

std::string hunk_text(const Terminal& terminal, const TextDiff::Hunk& hunk,
                      const std::string& indent = "") {
  std::string text = indent + terminal.paint(Style::cyan, shown(terminal, hunk.heading)) + "\n";
  for (const TextDiff::Line& line : hunk.lines) {
    const Style style = line.sign == '+'   ? Style::green
                        : line.sign == '-' ? Style::red
                                           : Style::plain;
    text += indent + terminal.paint(style, line.sign + shown(terminal, line.text)) + "\n";
  }
  return text;
}

/// The patch of one side becoming the other, which are of one kind.
std::string patch_of(const Terminal& terminal, const std::string& path,
                     const std::optional<TreeEntry>& before, const std::optional<TreeEntry>& after,
                     const std::optional<TextDiff>& diff) {
  const std::string old_name = git_path("a/", path);
  const std::string new_name = git_path("b/", path);
  std::string modes;
  if (!before || !after) {
    modes = (before ? "deleted file mode " : "new file mode ") +
            std::string(mode_of(before ? *before : *after)) + "\n";
  } else if (mode_of(*before) != mode_of(*after)) {
    modes = "old mode " + std::string(mode_of(*before)) + "\nnew mode " +
            std::string(mode_of(*after)) + "\n";
  }
  const bool differs = !diff || diff->is_binary || !diff->hunks.empty();
  if (modes.empty() && !differs) {
    return {};
  }
  const std::string from = before ? old_name : "/dev/null";
  const std::string to = after ? new_name : "/dev/null";
  std::string heading = "diff --git " + old_name + " " + new_name + "\n" + modes;
  if (!diff) {
    heading += "Files " + from + " and " + to + " are too large to be compared by lines\n";
  } else if (diff->is_binary) {
    heading += "Binary files " + from + " and " + to + " differ\n";
  } else if (!diff->hunks.empty()) {
    heading += "--- " + from + "\n+++ " + to + "\n";
  }
  heading.pop_back();
  std::string text = terminal.paint(Style::bold, heading) + "\n";
  for (std::size_t i = 0; diff && i < diff->hunks.size(); ++i) {
    text += hunk_text(terminal, diff->hunks[i]);
  }
  return text;
}

std::string counts_of(const std::optional<TextDiff>& diff, std::uint64_t before,
                      std::uint64_t after) {
  if (!diff || diff->is_binary) {
    return "Bin " + std::to_string(before) + " -> " + std::to_string(after) + " bytes";
  }
  return std::to_string(diff->insertions + diff->deletions);
}

/// The end of a path that fits, "…" before it if something is missing.
std::string end_of(const std::string& path, std::size_t width) {
  if (cli::columns(path) <= width) {
    return path;
  }
  std::size_t begin = 0;
  while (begin < path.size() && cli::columns(std::string_view(path).substr(begin)) + 1 > width) {
    ++begin;
    while (begin < path.size() && (static_cast<unsigned char>(path[begin]) & 0xC0U) == 0x80) {
      ++begin;
    }
  }
  return "…" + path.substr(begin);
}

} // namespace

std::string patch_text(const Terminal& terminal, const FileChange& change) {
  const store::Change& file = change.change;
  if (!cli::is_another_kind(file)) {
    return patch_of(terminal, file.path, file.before, file.after, change.text);
  }
  return patch_of(terminal, file.path, file.before, std::nullopt, change.text_gone) +
         patch_of(terminal, file.path, std::nullopt, file.after, change.text_come);
}

std::string schema_text(const Terminal& terminal, const std::string& database,
                        const TextDiff& diff) {
  std::string text;
  for (const TextDiff::Hunk& hunk : diff.hunks) {
    text += hunk_text(terminal, hunk, "  "); // so that git takes it for no part of a patch
  }
  return text.empty()
             ? text
             : terminal.paint(Style::bold, "schema of " + printable(database)) + "\n" + text;
}

void StatList::add(const FileChange& change) {
  const store::Change& file = change.change;
  Line line{.path = printable(file.path),
            .counts = change.text,
            .size_before = file.before ? file.before->content.size : 0,
            .size_after = file.after ? file.after->content.size : 0};
  if (line.counts) {
    line.counts->hunks.clear();
  }
  lines_.push_back(std::move(line));
}

std::string StatList::text(const Terminal& terminal) const {
  constexpr std::size_t k_around = 4; // " | " and a space before
  const std::size_t room = std::max<std::size_t>(terminal.width(), 40);
  std::size_t path_width = 0;
  std::size_t count_width = 0;
  std::size_t most = 1;
  std::size_t insertions = 0;
  std::size_t deletions = 0;
  for (const Line& line : lines_) {
    path_width = std::max(path_width, cli::columns(line.path));
    if (line.counts && !line.counts->is_binary) {
      count_width = std::max(count_width, counts_of(line.counts, 0, 0).size());
      most = std::max(most, line.counts->insertions + line.counts->deletions);
      insertions += line.counts->insertions;
      deletions += line.counts->deletions;
    }
  }
  path_width = std::min(path_width, room / 2);
  const std::size_t taken = path_width + k_around + count_width + 1;
  const std::size_t bar = std::max<std::size_t>(room > taken ? room - taken : 0, 4);
  const auto scaled = [&](std::size_t number) {
    return most <= bar ? number : number == 0 ? 0 : std::max<std::size_t>(1, number * bar / most);
  };
  std::string text;
  for (const Line& line : lines_) {
    const std::string path = end_of(line.path, path_width);
    text += " " + path + std::string(path_width - cli::columns(path), ' ') + " | ";
    const std::string counts = counts_of(line.counts, line.size_before, line.size_after);
    if (!line.counts || line.counts->is_binary) {
      text += counts + "\n";
      continue;
    }
    const std::string plus(scaled(line.counts->insertions), '+');
    const std::string minus(scaled(line.counts->deletions), '-');
    text += std::string(count_width - counts.size(), ' ') + counts +
            (plus.empty() && minus.empty() ? "" : " ") + terminal.paint(Style::green, plus) +
            terminal.paint(Style::red, minus) + "\n";
  }
  return text + " " + cli::counted(lines_.size(), "file") + " changed, " +
         cli::counted(insertions, "insertion") + "(+), " + cli::counted(deletions, "deletion") +
         "(-)\n";
}

} // namespace savepoint::tools
