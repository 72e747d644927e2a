#include "json/value.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace savepoint::json {
namespace {

enum class Layout { one_line, indented };

void append_escape(std::string& out, unsigned code) {
  constexpr std::string_view k_digits = "0123456789abcdef";
  out += "\\u00";
  out += k_digits[(code >> 4U) & 0xFU];
  out += k_digits[code & 0xFU];
}

/// The letter of a two-character escape, NUL if `c` has none.
char short_escape(char c) {
  switch (c) {
  case '"':
  case '\\':
    return c;
  case '\b':
    return 'b';
  case '\f':
    return 'f';
  case '\n':
    return 'n';
  case '\r':
    return 'r';
  case '\t':
    return 't';
  default:
    return '\0';
  }
}

void append_string(std::string& out, std::string_view text) {
  if (!is_utf8(text)) {
    bug("a string for a JSON document is not UTF-8");
  }
  out += '"';
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const auto code = static_cast<unsigned char>(c);
    if (const char letter = short_escape(c); letter != '\0') {
      out += '\\';
      out += letter;
    } else if (code < 0x20 || code == 0x7F) {
      append_escape(out, code);
    } else if (code == 0xC2 && static_cast<unsigned char>(text[at + 1]) < 0xA0) {
      // C1 controls can drive a terminal, and our documents are printed on terminals.
      append_escape(out, static_cast<unsigned char>(text[++at]));
    } else {
      out += c;
    }
  }
  out += '"';
}

void append_number(std::string& out, double value) {
  if (!std::isfinite(value)) {
    bug("JSON has no number for infinity");
  }
  std::array<char, 40> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  const std::string_view digits(text.data(), static_cast<std::size_t>(end - text.data()));
  out += digits;
  if (digits.find_first_of(".e") == std::string_view::npos) {
    out += ".0"; // read again it must not become an integer
  }
}

class Printer {
public:
  explicit Printer(Layout layout) : layout_(layout) {}

  void value(const Value& value, std::size_t level) {
    if (value.is_null()) {
      out_ += "null";
    } else if (value.is_bool()) {
      out_ += value.as_bool() ? "true" : "false";
    } else if (value.is_integer()) {
      out_ += std::to_string(value.as_integer());
    } else if (value.is_number()) {
      append_number(out_, value.as_number());
    } else if (value.is_string()) {
      append_string(out_, value.as_string());
    } else if (value.is_array()) {
      list(value.items(), level);
    } else {
      object(value.members(), level);
    }
  }

  [[nodiscard]] std::string take() {
    out_ += '\n';
    return std::move(out_);
  }

private:
  void list(const Items& items, std::size_t level) {
    out_ += '[';
    for (std::size_t i = 0; i < items.size(); ++i) {
      separate(i, level + 1);
      value(items[i], level + 1);
    }
    close(']', items.empty(), level);
  }

  void object(const Members& members, std::size_t level) {
    out_ += '{';
    for (std::size_t i = 0; i < members.size(); ++i) {
      separate(i, level + 1);
      append_string(out_, members[i].first);
      out_ += layout_ == Layout::indented ? ": " : ":";
      value(members[i].second, level + 1);
    }
    close('}', members.empty(), level);
  }

  void separate(std::size_t index, std::size_t level) {
    if (index > 0) {
      out_ += ',';
    }
    new_line(level);
  }

  void close(char bracket, bool empty, std::size_t level) {
    if (!empty) {
      new_line(level);
    }
    out_ += bracket;
  }

  void new_line(std::size_t level) {
    if (layout_ == Layout::indented) {
      out_ += '\n';
      out_.append(2 * level, ' ');
    }
  }

  Layout layout_;
  std::string out_;
};

std::string print_as(const Value& value, Layout layout) {
  Printer printer(layout);
  printer.value(value, 0);
  return printer.take();
}

} // namespace

std::string print(const Value& value) {
  return print_as(value, Layout::indented);
}

std::string print_line(const Value& value) {
  return print_as(value, Layout::one_line);
}

} // namespace savepoint::json
