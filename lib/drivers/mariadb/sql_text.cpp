#include "drivers/mariadb/internal/sql_text.hpp"

#include "database/quoting.hpp"

#include <cctype>

namespace savepoint::drivers::mariadb {

namespace {

/// Where the quoted text that begins at `at` ends: one past its last quote.
std::size_t end_of_quoted(std::string_view sql, std::size_t at) {
  const char quote = sql[at];
  for (std::size_t i = at + 1; i < sql.size(); ++i) {
    if (sql[i] == '\\' && quote == '\'') {
      ++i;
    } else if (sql[i] == quote) {
      if (i + 1 < sql.size() && sql[i + 1] == quote) {
        ++i;
      } else {
        return i + 1;
      }
    }
  }
  return sql.size();
}

bool ends_with_word(std::string_view text, std::string_view word) {
  if (text.size() < word.size()) {
    return false;
  }
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>(text[text.size() - word.size() + i])) != word[i]) {
      return false;
    }
  }
  return true;
}

bool is_sequence_call(std::string_view before) {
  return ends_with_word(before, "nextval(") || ends_with_word(before, "lastval(") ||
         ends_with_word(before, "setval(");
}

} // namespace

std::string name_of(std::string_view identifier) {
  return database::in_quotes(identifier, '`');
}

std::string name_of(std::string_view schema, std::string_view identifier) {
  return name_of(schema) + '.' + name_of(identifier);
}

void append_literal(std::string& to, std::string_view value) {
  to += '\'';
  for (const char character : value) {
    switch (character) {
    case '\0':
      to += "\\0";
      break;
    case '\n':
      to += "\\n";
      break;
    case '\r':
      to += "\\r";
      break;
    case '\x1a':
      to += "\\Z";
      break;
    case '\\':
      to += "\\\\";
      break;
    case '\'':
      to += "\\'";
      break;
    default:
      to += character;
    }
  }
  to += '\'';
}

std::string literal(std::string_view value) {
  std::string result;
  append_literal(result, value);
  return result;
}

std::string without_definer(std::string statement) {
  constexpr std::string_view k_clause = " DEFINER=`";
  const std::size_t at = statement.find(k_clause);
  if (at == std::string::npos || statement.substr(0, at).find_first_not_of(
                                     "ABCDEFGHIJKLMNOPQRSTUVWXYZ_= ") != std::string::npos) {
    return statement;
  }
  std::size_t end = end_of_quoted(statement, at + k_clause.size() - 1);
  if (statement.compare(end, 2, "@`") == 0) {
    end = end_of_quoted(statement, end + 1);
  }
  return statement.erase(at, end - at);
}

std::string trigger_without_schema(std::string_view statement, std::string_view schema) {
  std::string result;
  const std::string quoted_schema = name_of(schema) + ".";
  const std::string bare_schema = std::string(schema) + ".";
  for (std::size_t at = 0; at < statement.size();) {
    if (ends_with_word(result, "for each row")) {
      result += statement.substr(at);
      break;
    }
    const std::string_view rest = statement.substr(at);
    const bool begins_word =
        result.empty() || std::isspace(static_cast<unsigned char>(result.back())) != 0;
    if (begins_word && rest.starts_with(quoted_schema)) {
      at += quoted_schema.size();
    } else if (begins_word && rest.starts_with(bare_schema)) {
      at += bare_schema.size();
    } else if (rest.front() == '`') {
      const std::size_t end = end_of_quoted(statement, at);
      result += statement.substr(at, end - at);
      at = end;
    } else {
      result += rest.front();
      ++at;
    }
  }
  return result;
}

std::string with_other_schema(std::string_view sql, std::string_view from, std::string_view to) {
  const std::string qualifier = name_of(from) + ".";
  std::string result;
  for (std::size_t at = 0; at < sql.size();) {
    const char character = sql[at];
    if (character != '`' && character != '\'') {
      result += character;
      ++at;
      continue;
    }
    std::size_t end = end_of_quoted(sql, at);
    if (sql.substr(at, qualifier.size()) == qualifier && at + qualifier.size() < sql.size() &&
        sql[at + qualifier.size()] == '`') {
      const std::size_t after = end_of_quoted(sql, at + qualifier.size());
      const bool is_function = after < sql.size() && sql[after] == '(';
      // What shows nothing any more names its columns with the schema.
      const bool is_column = sql.substr(after, 2) == ".`";
      if (is_function || is_column || is_sequence_call(result)) {
        result += to.empty() ? "" : name_of(to) + ".";
        at += qualifier.size();
        end = after;
      }
    }
    result += sql.substr(at, end - at);
    at = end;
  }
  return result;
}

} // namespace savepoint::drivers::mariadb
