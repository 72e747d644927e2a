#include "git/ignore.hpp"

#include <algorithm>
#include <array>

namespace savepoint::git {
namespace {

using std::string_view;

constexpr std::size_t k_none = string_view::npos;

bool is_between(unsigned char c, char low, char high) {
  return c >= static_cast<unsigned char>(low) && c <= static_cast<unsigned char>(high);
}
bool is_digit(unsigned char c) {
  return is_between(c, '0', '9');
}
bool is_lower(unsigned char c) {
  return is_between(c, 'a', 'z');
}
bool is_upper(unsigned char c) {
  return is_between(c, 'A', 'Z');
}
bool is_alpha(unsigned char c) {
  return is_lower(c) || is_upper(c);
}
bool is_alnum(unsigned char c) {
  return is_alpha(c) || is_digit(c);
}
bool is_blank(unsigned char c) {
  return c == ' ' || c == '\t';
}
bool is_space(unsigned char c) {
  return is_blank(c) || c == '\n' || c == '\r';
}
bool is_graph(unsigned char c) {
  return is_between(c, '!', '~');
}
bool is_print(unsigned char c) {
  return is_between(c, ' ', '~');
}
bool is_punct(unsigned char c) {
  return is_graph(c) && !is_alnum(c);
}
bool is_control(unsigned char c) {
  return c < 0x20 || c == 0x7f;
}
bool is_hex(unsigned char c) {
  return is_digit(c) || is_between(c, 'a', 'f') || is_between(c, 'A', 'F');
}

struct NamedClass {
  string_view name;
  bool (*contains)(unsigned char);
};
// Of ASCII alone, whatever the locale says: git's own tables.
constexpr std::array<NamedClass, 12> k_classes{{{"alnum", is_alnum},
                                                {"alpha", is_alpha},
                                                {"blank", is_blank},
                                                {"cntrl", is_control},
                                                {"digit", is_digit},
                                                {"graph", is_graph},
                                                {"lower", is_lower},
                                                {"print", is_print},
                                                {"punct", is_punct},
                                                {"space", is_space},
                                                {"upper", is_upper},
                                                {"xdigit", is_hex}}};

const NamedClass* find_class(string_view name) {
  for (const NamedClass& candidate : k_classes) {
    if (candidate.name == name) {
      return &candidate;
    }
  }
  return nullptr;
}

/// One `[...]` of a pattern, asked about one character.
class BracketMatcher {
public:
  /// `begin` is where the `[` stands.
  BracketMatcher(string_view pattern, std::size_t begin, unsigned char character)
      : pattern_(pattern), at_(begin + 1), character_(character) {}

  /// The position after the `]` if the character is accepted, k_none if it is not, or if the
  /// brackets are malformed.
  std::size_t run() {
    const bool negated = peek() == '!' || peek() == '^';
    if (negated) {
      ++at_;
    }
    // A `]` right at the start stands for itself, hence the loop that looks at the end.
    do {
      if (at_ >= pattern_.size() || !read_item()) {
        return k_none;
      }
    } while (peek() != ']');
    const bool accepted = matched_ != negated && character_ != '/';
    return accepted ? at_ + 1 : k_none;
  }

private:
  [[nodiscard]] int peek(std::size_t ahead = 0) const {
    return at_ + ahead < pattern_.size() ? static_cast<unsigned char>(pattern_[at_ + ahead]) : -1;
  }

  /// Reads a character, escaped or not, at the current position; -1 at the end.
  int read_character() {
    if (peek() == '\\') {
      ++at_;
    }
    const int result = peek();
    ++at_;
    return result;
  }

  bool read_item() {
    if (peek() == '-' && previous_ > 0 && peek(1) != -1 && peek(1) != ']') {
      ++at_;
      const int last = read_character();
      matched_ = matched_ || (character_ >= previous_ && character_ <= last);
      previous_ = 0;
      return last != -1;
    }
    if (peek() == '[' && peek(1) == ':') {
      const std::size_t end = pattern_.find(']', at_ + 2);
      if (end == k_none) {
        return false;
      }
      if (end > at_ + 2 && pattern_[end - 1] == ':') {
        const NamedClass* const named = find_class(pattern_.substr(at_ + 2, end - at_ - 3));
        if (named == nullptr) {
          return false;
        }
        matched_ = matched_ || named->contains(character_);
        previous_ = 0;
        at_ = end + 1;
        return true;
      }
    }
    previous_ = read_character();
    matched_ = matched_ || character_ == previous_;
    return previous_ != -1;
  }

  string_view pattern_;
  std::size_t at_;
  unsigned char character_;
  int previous_ = 0; // 0: no character that a range could begin with
  bool matched_ = false;
};

/// The position after the element of `pattern` at `at`, which is no `*`, if it accepts `character`;
/// else k_none.
std::size_t accept(string_view pattern, std::size_t at, char character) {
  switch (pattern[at]) {
  case '?':
    return character == '/' ? k_none : at + 1;
  case '[':
    return BracketMatcher(pattern, at, static_cast<unsigned char>(character)).run();
  case '\\':
    ++at;
    return at < pattern.size() && pattern[at] == character ? at + 1 : k_none;
  default:
    return pattern[at] == character ? at + 1 : k_none;
  }
}

/// Whether the asterisks in [begin, end) may match slashes: two or more, alone between slashes.
bool spans_directories(string_view pattern, std::size_t begin, std::size_t end) {
  const string_view rest = pattern.substr(end);
  return end - begin >= 2 && (begin == 0 || pattern[begin - 1] == '/') &&
         (rest.empty() || rest.starts_with('/') || rest.starts_with("\\/"));
}

} // namespace

// When something does not fit, only the latest `*` of this directory and the latest `**` need to
// take more: whatever an earlier one could reach, the later one reaches as well. That keeps the
// time within the product of both lengths.
bool wild_match(string_view pattern, string_view text) {
  std::size_t at = 0;
  std::size_t position = 0;
  std::size_t after_star = k_none; // in the pattern, after the latest `*`
  std::size_t star_end = 0;        // in the text, where what it has taken ends
  std::size_t after_span = k_none; // in the pattern, after the latest `**/`
  std::size_t span_end = 0;

  while (true) {
    bool fits = false;
    if (at < pattern.size() && pattern[at] == '*') {
      const std::size_t begin = at;
      at = std::min(pattern.find_first_not_of('*', begin), pattern.size());
      if (!spans_directories(pattern, begin, at)) {
        after_star = at;
        star_end = position;
        fits = true;
      } else if (at == pattern.size()) {
        return true;
      } else {
        fits = pattern[at] == '/'; // an escaped slash has to be there
        at += fits ? 1 : 2;
        after_star = k_none;
        after_span = at;
        span_end = position;
      }
    } else if (position == text.size()) {
      if (at == pattern.size()) {
        return true;
      }
    } else if (at < pattern.size()) {
      const std::size_t next = accept(pattern, at, text[position]);
      if (next != k_none) {
        at = next;
        ++position;
        fits = true;
      }
    }
    if (fits) {
      continue;
    }
    if (after_star != k_none && star_end < text.size() && text[star_end] != '/') {
      position = ++star_end;
      at = after_star;
      continue;
    }
    const std::size_t slash = after_span == k_none ? k_none : text.find('/', span_end);
    if (slash == k_none) {
      return false;
    }
    span_end = slash + 1;
    position = span_end;
    at = after_span;
    after_star = k_none;
  }
}

} // namespace savepoint::git
