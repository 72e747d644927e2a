#include "json/value.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>
#include <limits>
#include <unordered_set>

namespace savepoint::json {
namespace {

constexpr std::size_t k_most_levels = 200;

/// Walks over the text and remembers how far the parser has come, which SAX events do not tell.
class Cursor {
public:
  using iterator_category = std::forward_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  Cursor() = default;
  Cursor(const char* at, const char** furthest) : at_(at), furthest_(furthest) {}

  reference operator*() const { return *at_; }
  Cursor& operator++() {
    *furthest_ = ++at_;
    return *this;
  }
  Cursor operator++(int) {
    const Cursor before = *this;
    ++*this;
    return before;
  }
  [[maybe_unused]] friend bool operator==(const Cursor& a, const Cursor& b) {
    return a.at_ == b.at_;
  }
  friend bool operator!=(const Cursor& a, const Cursor& b) { return a.at_ != b.at_; }

private:
  const char* at_ = nullptr;
  const char** furthest_ = nullptr;
};

/// The document being read, and where in it we are.
class Source {
public:
  Source(std::string_view text, std::string_view what)
      : text_(text), what_(what), furthest_(text.data()) {}

  [[nodiscard]] Cursor begin() { return {text_.data(), &furthest_}; }
  [[nodiscard]] Cursor end() { return {text_.data() + text_.size(), &furthest_}; }

  [[noreturn]] void wrong(std::string_view why) const {
    const auto read = static_cast<std::size_t>(furthest_ - text_.data());
    wrong_at(read == 0 ? 0 : read - 1, why);
  }

  [[noreturn]] void wrong_at(std::size_t offset, std::string_view why) const {
    const std::string_view before = text_.substr(0, offset);
    const auto line = std::ranges::count(before, '\n') + 1;
    const std::size_t line_break = before.rfind('\n');
    const std::string_view in_line =
        line_break == std::string_view::npos ? before : before.substr(line_break + 1);
    const auto column =
        std::ranges::count_if(
            in_line, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }) +
        1;
    throw UsageError(std::string(what_) + ", line " + std::to_string(line) + ", column " +
                     std::to_string(column) + ": " + std::string(why));
  }

private:
  std::string_view text_;
  std::string_view what_;
  const char* furthest_;
};

/// Leaves of the parser's own message what helps a reader: what is wrong, without its position
/// (we name it ourselves) and without a copy of what was read.
std::string reason_in(std::string message) {
  if (message.find("out_of_range") != std::string::npos) {
    return "the number is too large";
  }
  if (const std::size_t dash = message.find(" - "); dash != std::string::npos) {
    message.erase(0, dash + 3);
  } else if (const std::size_t bracket = message.find("] "); bracket != std::string::npos) {
    message.erase(0, bracket + 2);
  }
  if (const std::size_t copy = message.find("; last read"); copy != std::string::npos) {
    const std::size_t expected = message.find("'; expected ", copy);
    message.erase(copy, expected == std::string::npos ? std::string::npos : expected + 1 - copy);
  }
  return message;
}

/// Builds our values from the parser's events.
class Builder {
public:
  explicit Builder(const Source& source) : source_(&source) {}

  // The interface that nlohmann::json::sax_parse calls.
  bool null() { return add(nullptr); }
  bool boolean(bool value) { return add(value); }
  bool number_integer(std::int64_t value) { return add(value); }
  bool number_unsigned(std::uint64_t value) {
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      source_->wrong("the number is too large");
    }
    return add(value);
  }
  bool number_float(double value, const std::string& text) {
    if (text.find_first_of(".eE") == std::string::npos) {
      source_->wrong("the number is too large"); // a double would quietly lose its last digits
    }
    return add(value);
  }
  bool string(std::string& value) { return add(std::move(value)); }
  bool binary(nlohmann::json::binary_t& /*value*/) { bug("JSON has no binary values"); }
  bool start_object(std::size_t /*unknown*/) { return open(Value::object()); }
  bool start_array(std::size_t /*unknown*/) { return open(Value::array()); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool key(std::string& key) {
    Level& level = levels_.back();
    if (!level.keys.insert(key).second) {
      source_->wrong(savepoint::quoted(key) + " is there twice");
    }
    level.key = std::move(key);
    return true;
  }
  bool parse_error(std::size_t /*position*/, const std::string& /*token*/,
                   const nlohmann::json::exception& error) {
    source_->wrong(reason_in(error.what()));
  }

  [[nodiscard]] Value take() { return std::move(root_); }

private:
  struct Level {
    Value value;
    std::string key; ///< Of the member being read.
    std::unordered_set<std::string> keys;
  };

  bool open(Value value) {
    if (levels_.size() == k_most_levels) {
      source_->wrong("more than " + std::to_string(k_most_levels) + " levels");
    }
    levels_.push_back({std::move(value), {}, {}});
    return true;
  }

  bool close() {
    Value done = std::move(levels_.back().value);
    levels_.pop_back();
    return add(std::move(done));
  }

  bool add(Value value) {
    if (levels_.empty()) {
      root_ = std::move(value);
    } else if (Level& level = levels_.back(); level.value.is_object()) {
      level.value.members().emplace_back(std::move(level.key), std::move(value));
    } else {
      level.value.items().push_back(std::move(value));
    }
    return true;
  }

  const Source* source_;
  Value root_;
  std::vector<Level> levels_;
};

} // namespace

Value parse(std::string_view text, std::string_view what, Comments comments) {
  Source source(text, what);
  // The parser takes a NUL for the end and would not see what follows it.
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
    source.wrong_at(nul, "a NUL byte");
  }

  Builder builder(source);
  nlohmann::json::sax_parse(source.begin(), source.end(), &builder,
                            nlohmann::json::input_format_t::json, true,
                            comments == Comments::allow);
  return builder.take();
}

} // namespace savepoint::json
