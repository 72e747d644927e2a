#pragma once

#include "json/value.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace savepoint::config {

/// One value of a configuration document, with the way to it: whatever is wrong with the value is
/// a UsageError such as "savepoint.json: retention.keep_last: expected a whole number".
class Setting {
public:
  /// The whole document; `what` names it. Both must outlive the setting.
  Setting(const json::Value& document, std::string_view what) : value_(&document), what_(what) {}

  /// A string that is not empty and has no NUL.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool flag() const;
  [[nodiscard]] std::uint64_t number() const;
  /// Like `number`, and not 0.
  [[nodiscard]] std::uint64_t positive_number() const;
  [[nodiscard]] std::vector<std::string> texts() const;
  [[nodiscard]] std::vector<Setting> items() const;
  /// The members of an object with any keys.
  [[nodiscard]] std::vector<std::pair<std::string, Setting>> members() const;
  /// The members of an object whose keys must be among `known`; for another key the error names the
  /// nearest one.
  [[nodiscard]] std::vector<std::pair<std::string, Setting>>
  members(std::span<const std::string_view> known) const;

  [[nodiscard]] bool is_text() const { return value_->is_string(); }
  /// "savepoint.json: retention.keep_last", for messages.
  [[nodiscard]] std::string place() const;
  [[noreturn]] void wrong(std::string_view why, std::string hint = {}) const;

private:
  Setting(const json::Value& value, std::string_view what, std::string path)
      : value_(&value), what_(what), path_(std::move(path)) {}
  [[nodiscard]] Setting member(const std::string& key, const json::Value& value) const;

  const json::Value* value_;
  std::string_view what_;
  std::string path_;
};

} // namespace savepoint::config
