#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace savepoint::json {

class Value;
/// The members of an object, in the order in which they were written.
using Members = std::vector<std::pair<std::string, Value>>;
using Items = std::vector<Value>;

/// A JSON value (RFC 8259). Objects keep the order of their members, so that what we print is
/// stable and can be checksummed. Integers keep all their 64 bits.
class Value {
public:
  Value() : data_(nullptr) {}
  Value(std::nullptr_t) : data_(nullptr) {}
  Value(bool value) : data_(value) {}
  Value(int value) : data_(std::int64_t{value}) {}
  Value(std::int64_t value) : data_(value) {}
  Value(std::uint64_t value);
  Value(double value) : data_(value) {}
  Value(const char* value) : data_(std::string(value)) {}
  Value(std::string_view value) : data_(std::string(value)) {}
  Value(std::string value) : data_(std::move(value)) {}
  Value(Items value) : data_(std::move(value)) {}
  Value(Members value) : data_(std::move(value)) {}
  template <typename T> Value(const std::optional<T>& value) : Value() {
    if (value) {
      *this = Value(*value);
    }
  }

  [[nodiscard]] static Value array(Items items = {}) { return Value(std::move(items)); }
  [[nodiscard]] static Value object(Members members = {}) { return Value(std::move(members)); }

  [[nodiscard]] bool is_null() const { return std::holds_alternative<std::nullptr_t>(data_); }
  [[nodiscard]] bool is_bool() const { return std::holds_alternative<bool>(data_); }
  [[nodiscard]] bool is_integer() const { return std::holds_alternative<std::int64_t>(data_); }
  [[nodiscard]] bool is_number() const {
    return is_integer() || std::holds_alternative<double>(data_);
  }
  [[nodiscard]] bool is_string() const { return std::holds_alternative<std::string>(data_); }
  [[nodiscard]] bool is_array() const { return std::holds_alternative<Items>(data_); }
  [[nodiscard]] bool is_object() const { return std::holds_alternative<Members>(data_); }

  /// Each throws CorruptionError ("expected a string") if the value is of another kind.
  [[nodiscard]] bool as_bool() const;
  [[nodiscard]] std::int64_t as_integer() const;
  [[nodiscard]] std::uint64_t as_unsigned() const; ///< Also throws if it is negative.
  [[nodiscard]] double as_number() const;
  [[nodiscard]] const std::string& as_string() const;
  [[nodiscard]] const Items& items() const;
  [[nodiscard]] Items& items();
  [[nodiscard]] const Members& members() const;
  [[nodiscard]] Members& members();

  /// The member called `key`, null if this is not an object or has no such member.
  [[nodiscard]] const Value* find(std::string_view key) const;
  /// The member called `key`. Throws CorruptionError ("'key' is missing").
  [[nodiscard]] const Value& at(std::string_view key) const;
  /// Adds or replaces a member and returns this value; makes an object of null. Requires an object
  /// or null.
  Value& set(std::string_view key, Value value);
  /// Appends an item and returns this value; makes an array of null. Requires an array or null.
  Value& push(Value value);

  friend bool operator==(const Value&, const Value&) = default;

private:
  std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, Items, Members> data_;
};

/// Whether `//` and `/* */` comments and nothing else beyond RFC 8259 are let through.
enum class Comments { refuse, allow };

/// Reads one JSON document. Refuses duplicate keys, more than 200 levels, and anything that
/// follows. A leading byte-order mark is let through.
///
/// Throws UsageError ("<what>, line 3, column 7: …") if `text` is not one; `what` names its source.
[[nodiscard]] Value parse(std::string_view text, std::string_view what,
                          Comments comments = Comments::refuse);

/// The one printed form: two spaces a level, members in their order, a newline at the end. Strings
/// that are not UTF-8 are a bug: callers use `text_or_bytes`.
[[nodiscard]] std::string print(const Value& value);
/// The same in one line, with a newline at the end.
[[nodiscard]] std::string print_line(const Value& value);

/// A byte string for a JSON document: itself if it is UTF-8, else {"base64": "…", "printable":
/// "…"}.
[[nodiscard]] Value text_or_bytes(std::string_view text);
/// Reads what `text_or_bytes` made. Throws CorruptionError.
[[nodiscard]] std::string bytes_of(const Value& value);

} // namespace savepoint::json
