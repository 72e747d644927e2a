#include "json/edit.hpp"

#include "base/error.hpp"
#include "json/value.hpp"

#include <algorithm>
#include <cstddef>

namespace savepoint::json {
namespace {

using std::string_view;

/// Where a member of an object stands in the text.
struct Place {
  std::string key;
  std::size_t lead = 0; ///< Behind the brace or comma before it.
  std::size_t begin = 0;
  std::size_t value = 0;
  std::size_t end = 0;
};

/// Where an object stands in the text.
struct Object {
  std::size_t open = 0;  ///< Its opening brace.
  std::size_t close = 0; ///< Its closing one.
  std::vector<Place> members;

  [[nodiscard]] const Place* find(string_view key) const {
    const auto found = std::ranges::find(members, key, &Place::key);
    return found == members.end() ? nullptr : &*found;
  }
};

/// Walks over a text that is known to be a document.
class Walk {
public:
  explicit Walk(string_view text, std::size_t at = 0) : text_(text), at_(at) {}

  Object object() {
    Object object;
    skip_space();
    object.open = at_++;
    std::size_t lead = at_;
    skip_space();
    while (peek() != '}') {
      Place place;
      place.lead = lead;
      place.begin = at_;
      skip_text();
      place.key = parse(text_.substr(place.begin, at_ - place.begin), "key").as_string();
      skip_space();
      ++at_; // the colon
      skip_space();
      place.value = at_;
      skip_value();
      place.end = at_;
      object.members.push_back(std::move(place));
      skip_space();
      if (peek() == ',') {
        lead = ++at_;
        skip_space();
      }
    }
    object.close = at_;
    return object;
  }

private:
  [[nodiscard]] char peek() const {
    if (at_ >= text_.size()) {
      bug("the text to edit is no JSON document");
    }
    return text_[at_];
  }

  void skip_space() {
    constexpr string_view k_byte_order_mark = "\xEF\xBB\xBF";
    if (at_ == 0 && text_.starts_with(k_byte_order_mark)) {
      at_ = k_byte_order_mark.size();
    }
    while (at_ < text_.size() && string_view(" \t\r\n").find(text_[at_]) != string_view::npos) {
      ++at_;
    }
  }

  void skip_text() {
    ++at_;
    while (peek() != '"') {
      at_ += std::size_t{peek() == '\\' ? 2U : 1U};
    }
    ++at_;
  }

  void skip_value() {
    std::size_t depth = 0;
    do {
      const char letter = peek();
      if (letter == '"') {
        skip_text();
      } else if (letter == '{' || letter == '[') {
        ++depth;
        ++at_;
      } else if (letter == '}' || letter == ']') {
        --depth;
        ++at_;
      } else if (depth == 0) {
        at_ = std::min(text_.find_first_of(",}] \t\r\n", at_), text_.size());
      } else {
        ++at_;
      }
    } while (depth > 0);
  }

  string_view text_;
  std::size_t at_;
};

std::string printed(const std::string& text) {
  std::string line = print_line(Value(text));
  line.pop_back(); // its newline
  return line;
}

/// How the members of an object are set apart.
struct Style {
  std::string lead;  ///< What stands before each.
  std::string colon; ///< What stands between key and value.
  std::string tail;  ///< What stands before the closing brace.
};

Style style_of(string_view text, const Object& object) {
  if (object.members.empty()) {
    return {.lead = "\n  ", .colon = ": ", .tail = "\n"};
  }
  const Place& last = object.members.back();
  const std::size_t key_end = text.rfind('"', text.rfind(':', last.value - 1)) + 1;
  return {.lead = std::string(text.substr(last.lead, last.begin - last.lead)),
          .colon = std::string(text.substr(key_end, last.value - key_end)),
          .tail = std::string(text.substr(last.end, object.close - last.end))};
}

/// How an object that is a member of one with this style is written.
Style nested(const Style& outer) {
  const std::size_t line = outer.lead.rfind('\n');
  if (line == std::string::npos) {
    return {.lead = outer.lead, .colon = outer.colon, .tail = outer.tail};
  }
  const std::string indentation = outer.lead.substr(line + 1);
  const std::string unit = indentation.empty() ? "  " : indentation;
  return {.lead = outer.lead + unit, .colon = outer.colon, .tail = outer.lead};
}

std::string joined(const std::vector<TextMember>& members, const Style& style) {
  std::string text;
  for (const auto& [key, value] : members) {
    text += text.empty() ? "" : ",";
    text += style.lead;
    text += printed(key);
    text += style.colon;
    text += printed(value);
  }
  return text;
}

/// The text with one member less.
std::string without(string_view text, const Object& object, const Place& place) {
  const bool is_first = &place == &object.members.front();
  const bool is_last = &place == &object.members.back();
  std::string result(text);
  if (is_first && is_last) {
    return result.erase(object.open + 1, object.close - object.open - 1);
  }
  if (is_first) {
    return result.erase(place.lead, (&place + 1)->lead - place.lead);
  }
  const std::size_t before = (&place - 1)->end;
  return result.erase(before, place.end - before);
}

} // namespace

std::string set_texts(string_view text, string_view object,
                      const std::vector<TextMember>& members) {
  const Object root = Walk(text).object();
  const Style style = style_of(text, root);
  const Place* const place = root.find(object);
  std::string result(text);
  if (place == nullptr) {
    const Style inner = nested(style);
    const std::string made = style.lead + printed(std::string(object)) + style.colon + "{" +
                             joined(members, inner) + inner.tail + "}";
    return root.members.empty()
               ? result.replace(root.open + 1, root.close - root.open - 1, made + style.tail)
               : result.insert(root.members.back().end, "," + made);
  }

  const Object there = Walk(text, place->value).object();
  std::vector<TextMember> missing;
  for (const TextMember& member : members) {
    if (there.find(member.first) == nullptr) {
      missing.push_back(member);
    }
  }
  if (!missing.empty() && there.members.empty()) {
    const Style inner = nested(style);
    result.replace(there.open + 1, there.close - there.open - 1,
                   joined(missing, inner) + inner.tail);
  } else if (!missing.empty()) {
    result.insert(there.members.back().end, "," + joined(missing, style_of(text, there)));
  }
  // From the end on, so that places before stay where they are.
  for (auto member = there.members.rbegin(); member != there.members.rend(); ++member) {
    const auto wanted = std::ranges::find(members, member->key, &TextMember::first);
    if (wanted != members.end()) {
      result.replace(member->value, member->end - member->value, printed(wanted->second));
    }
  }
  return result;
}

std::string remove_members(string_view text, string_view object,
                           const std::vector<std::string>& keys) {
  std::string result(text);
  for (const std::string& key : keys) {
    const Object root = Walk(result).object();
    const Place* const place = root.find(object);
    const Object there = place == nullptr ? Object{} : Walk(result, place->value).object();
    const Place* const member = there.find(key);
    if (member == nullptr) {
      continue;
    }
    result =
        there.members.size() == 1 ? without(result, root, *place) : without(result, there, *member);
  }
  return result;
}

} // namespace savepoint::json
