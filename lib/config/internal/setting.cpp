#include "config/internal/setting.hpp"

#include "base/error.hpp"
#include "base/nearest_word.hpp"
#include "base/printable.hpp"

#include <algorithm>

namespace savepoint::config {
namespace {

std::string joined(std::span<const std::string_view> words) {
  std::string out;
  for (const std::string_view word : words) {
    out += out.empty() ? "" : ", ";
    out += word;
  }
  return out;
}

} // namespace

std::string Setting::text() const {
  if (!value_->is_string()) {
    wrong("expected a string");
  }
  const std::string& text = value_->as_string();
  if (text.empty()) {
    wrong("expected a string that is not empty");
  }
  if (text.find('\0') != std::string::npos) {
    wrong("a NUL cannot be part of this");
  }
  return text;
}

bool Setting::flag() const {
  if (!value_->is_bool()) {
    wrong("expected true or false");
  }
  return value_->as_bool();
}

std::uint64_t Setting::number() const {
  if (!value_->is_integer() || value_->as_integer() < 0) {
    wrong("expected a whole number that is not negative");
  }
  return value_->as_unsigned();
}

std::uint64_t Setting::positive_number() const {
  if (!value_->is_integer() || value_->as_integer() < 1) {
    wrong("expected a whole number of at least 1");
  }
  return value_->as_unsigned();
}

std::vector<std::string> Setting::texts() const {
  std::vector<std::string> texts;
  for (const Setting& item : items()) {
    texts.push_back(item.text());
  }
  return texts;
}

std::vector<Setting> Setting::items() const {
  if (!value_->is_array()) {
    wrong("expected a list");
  }
  std::vector<Setting> items;
  for (const json::Value& item : value_->items()) {
    items.push_back(Setting(item, what_, path_ + "[" + std::to_string(items.size()) + "]"));
  }
  return items;
}

std::vector<std::pair<std::string, Setting>> Setting::members() const {
  if (!value_->is_object()) {
    wrong("expected an object");
  }
  std::vector<std::pair<std::string, Setting>> members;
  for (const auto& [key, value] : value_->members()) {
    members.emplace_back(key, member(key, value));
  }
  return members;
}

std::vector<std::pair<std::string, Setting>>
Setting::members(std::span<const std::string_view> known) const {
  auto all = members();
  for (const auto& [key, setting] : all) {
    if (std::ranges::find(known, key) != known.end()) {
      continue;
    }
    const std::string nearest = nearest_word(key, known);
    throw UsageError(std::string(what_) + ": unknown key " + quoted(setting.path_),
                     nearest.empty() ? "known keys here are " + joined(known)
                                     : "did you mean " + quoted(nearest) + "?");
  }
  return all;
}

std::string Setting::place() const {
  return path_.empty() ? std::string(what_) : std::string(what_) + ": " + printable(path_);
}

void Setting::wrong(std::string_view why, std::string hint) const {
  throw UsageError(place() + ": " + std::string(why),
                   hint.empty() ? "docs/configuration.md says what each setting may be"
                                : std::move(hint));
}

Setting Setting::member(const std::string& key, const json::Value& value) const {
  return {value, what_, path_.empty() ? key : path_ + "." + key};
}

} // namespace savepoint::config
