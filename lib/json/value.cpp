#include "json/value.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"

#include <algorithm>
#include <limits>

namespace savepoint::json {
namespace {

template <typename T, typename Data> T& expect(Data& data, std::string_view kind) {
  T* const held = std::get_if<std::remove_const_t<T>>(&data);
  if (held == nullptr) {
    throw CorruptionError("expected " + std::string(kind));
  }
  return *held;
}

} // namespace

Value::Value(std::uint64_t value) {
  if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    bug("a number above 2^63 - 1 has no place in our documents");
  }
  data_ = static_cast<std::int64_t>(value);
}

bool Value::as_bool() const {
  return expect<const bool>(data_, "true or false");
}

std::int64_t Value::as_integer() const {
  return expect<const std::int64_t>(data_, "a whole number");
}

std::uint64_t Value::as_unsigned() const {
  const std::int64_t value = as_integer();
  if (value < 0) {
    throw CorruptionError("expected a whole number that is not negative");
  }
  return static_cast<std::uint64_t>(value);
}

double Value::as_number() const {
  if (is_integer()) {
    return static_cast<double>(as_integer());
  }
  return expect<const double>(data_, "a number");
}

const std::string& Value::as_string() const {
  return expect<const std::string>(data_, "a string");
}

const Items& Value::items() const {
  return expect<const Items>(data_, "a list");
}

Items& Value::items() {
  return expect<Items>(data_, "a list");
}

const Members& Value::members() const {
  return expect<const Members>(data_, "an object");
}

Members& Value::members() {
  return expect<Members>(data_, "an object");
}

const Value* Value::find(std::string_view key) const {
  const auto* const members = std::get_if<Members>(&data_);
  if (members == nullptr) {
    return nullptr;
  }
  const auto found = std::ranges::find(
      *members, key, [](const auto& member) { return std::string_view(member.first); });
  return found == members->end() ? nullptr : &found->second;
}

const Value& Value::at(std::string_view key) const {
  const Value* const found = find(key);
  if (found == nullptr) {
    throw CorruptionError(quoted(key) + " is missing");
  }
  return *found;
}

Value& Value::set(std::string_view key, Value value) {
  if (is_null()) {
    data_ = Members();
  }
  if (!is_object()) {
    bug("only objects have members");
  }
  auto& all = std::get<Members>(data_);
  const auto found = std::ranges::find(
      all, key, [](const auto& member) { return std::string_view(member.first); });
  if (found == all.end()) {
    all.emplace_back(std::string(key), std::move(value));
  } else {
    found->second = std::move(value);
  }
  return *this;
}

Value& Value::push(Value value) {
  if (is_null()) {
    data_ = Items();
  }
  if (!is_array()) {
    bug("only lists have items");
  }
  std::get<Items>(data_).push_back(std::move(value));
  return *this;
}

} // namespace savepoint::json
