#include "drivers/mariadb/internal/script.hpp"

#include "base/error.hpp"

namespace savepoint::drivers::mariadb {

namespace {

constexpr std::string_view k_section = "-- Section ";
constexpr std::string_view k_delimiter = "DELIMITER ";

/// A name in one line, without spaces.
void append_word(std::string& to, std::string_view name) {
  to += ' ';
  for (const char character : name) {
    switch (character) {
    case '\\':
      to += "\\\\";
      break;
    case '\n':
      to += "\\n";
      break;
    case '\r':
      to += "\\r";
      break;
    case ' ':
      to += "\\s";
      break;
    default:
      to += character;
    }
  }
}

std::string next_word(std::string_view& line) {
  std::string word;
  std::size_t at = 0;
  for (; at < line.size() && line[at] != ' '; ++at) {
    if (line[at] != '\\' || at + 1 == line.size()) {
      word += line[at];
      continue;
    }
    ++at;
    word += line[at] == 'n' ? '\n' : line[at] == 'r' ? '\r' : line[at] == 's' ? ' ' : line[at];
  }
  line.remove_prefix(at < line.size() ? at + 1 : at);
  return word;
}

[[noreturn]] void not_ours(std::string_view why) {
  throw CorruptionError("the image of a database is not what it was: " + std::string(why),
                        "try another snapshot");
}

} // namespace

void append_section(std::string& script, const Section& section) {
  script += "\n";
  std::string line;
  append_word(line, section.kind);
  append_word(line, section.name);
  append_word(line, section.table);
  script += k_section;
  script.append(line, 1);
  script += "\n";
}

void append_statement(std::string& script, std::string_view statement) {
  if (statement.find_first_of("\n\r") == std::string_view::npos) {
    script += statement;
    script += ";\n";
    return;
  }
  std::string delimiter = ";;";
  while (statement.find(delimiter) != std::string_view::npos) {
    delimiter += '$';
  }
  script += k_delimiter;
  script += delimiter;
  script += '\n';
  script += statement;
  script += '\n';
  script += delimiter;
  script += "\nDELIMITER ;\n";
}

void ScriptReader::write(ByteView bytes) {
  std::string_view text = as_text(bytes);
  for (std::size_t end = 0; (end = text.find('\n')) != std::string_view::npos;) {
    const std::string_view rest = text.substr(0, end);
    if (line_.empty()) {
      take_line(rest);
    } else {
      line_ += rest;
      take_line(line_);
      line_.clear();
    }
    text.remove_prefix(end + 1);
  }
  line_ += text;
}

void ScriptReader::take_line(std::string_view line) {
  if (!has_head_) {
    if (line != k_script_head.substr(0, k_script_head.size() - 1)) {
      not_ours("it does not begin as one");
    }
    has_head_ = true;
    return;
  }
  if (has_end_) {
    not_ours("something follows its end");
  }
  if (!delimiter_.empty()) {
    if (line != delimiter_) {
      block_ += block_.empty() ? "" : "\n";
      block_ += line;
      return;
    }
    delimiter_.clear();
    listener_.statement(block_);
    block_.clear();
    return;
  }
  if (line.starts_with("-- ")) {
    has_end_ = line == k_script_end.substr(0, k_script_end.size() - 1);
    if (line.starts_with(k_section)) {
      line.remove_prefix(k_section.size());
      Section section;
      section.kind = next_word(line);
      section.name = next_word(line);
      section.table = next_word(line);
      listener_.section(section);
    }
    return;
  }
  if (line.starts_with(k_delimiter)) {
    delimiter_ = line.substr(k_delimiter.size());
    delimiter_ = delimiter_ == ";" ? "" : delimiter_;
    return;
  }
  if (line.empty()) {
    return;
  }
  if (!line.ends_with(';')) {
    not_ours("a statement has no end");
  }
  line.remove_suffix(1);
  listener_.statement(line);
}

void ScriptReader::finish() {
  if (!has_end_ || !line_.empty()) {
    not_ours("its end is missing");
  }
}

} // namespace savepoint::drivers::mariadb
