#include "store/internal/operation_line.hpp"

#include "base/printable.hpp"
#include "json/value.hpp"

namespace savepoint::store {
namespace {

constexpr std::int64_t k_version = 1;
/// A path has at most 4096 bytes; nothing else that is true of an operation is longer.
constexpr std::size_t k_longest_text = 4096;
/// Longer than any line that `print_operation` makes: all texts, each in its longest form.
constexpr std::size_t k_longest_line = std::size_t{256} << 10U;

std::string shortened(const std::string& text) {
  return text.size() <= k_longest_text ? text
                                       : std::string(beginning_of(text, k_longest_text)) + "…";
}

void set_text(json::Value& line, std::string_view key, const std::string& text) {
  if (!text.empty()) {
    line.set(key, json::text_or_bytes(shortened(text)));
  }
}

void set_number(json::Value& line, std::string_view key,
                const std::optional<std::uint64_t>& number) {
  if (number) {
    line.set(key, *number);
  }
}

std::string text_at(const json::Value& line, std::string_view key) {
  const json::Value* const found = line.find(key);
  return found == nullptr ? std::string() : json::bytes_of(*found);
}

std::optional<std::uint64_t> number_at(const json::Value& line, std::string_view key) {
  const json::Value* const found = line.find(key);
  return found == nullptr ? std::nullopt : std::optional(found->as_unsigned());
}

Operation operation_of(const json::Value& line) {
  Operation operation;
  if (line.at("version").as_integer() != k_version) {
    throw CorruptionError("a line of another version");
  }
  const std::optional<Timestamp> at = parse_iso8601(line.at("at").as_string());
  if (!at) {
    throw CorruptionError("'at' is not a time");
  }
  operation.at = *at;
  operation.name = line.at("operation").as_string();
  operation.trigger = text_at(line, "trigger");
  operation.project = text_at(line, "project");
  operation.worktree = text_at(line, "worktree");
  operation.snapshot = text_at(line, "snapshot");
  operation.safety = text_at(line, "safety");
  operation.bytes_added = number_at(line, "bytes_added");
  operation.bytes_freed = number_at(line, "bytes_freed");
  operation.changes = number_at(line, "changes");
  operation.removed = number_at(line, "removed");
  const std::uint64_t code = line.at("exit_code").as_unsigned();
  constexpr std::uint64_t k_largest_code = 255;
  if (code > k_largest_code) {
    throw CorruptionError("'exit_code' is none");
  }
  operation.exit_code = static_cast<int>(code);
  operation.error = text_at(line, "error");
  operation.duration =
      std::chrono::milliseconds(static_cast<std::int64_t>(line.at("duration_ms").as_unsigned()));
  return operation;
}

} // namespace

std::string print_operation(const Operation& operation) {
  json::Value line = json::Value::object(
      {{"version", k_version}, {"at", to_iso8601(operation.at)}, {"operation", operation.name}});
  set_text(line, "trigger", operation.trigger);
  set_text(line, "project", operation.project);
  set_text(line, "worktree", operation.worktree);
  set_text(line, "snapshot", operation.snapshot);
  set_text(line, "safety", operation.safety);
  set_number(line, "bytes_added", operation.bytes_added);
  set_number(line, "bytes_freed", operation.bytes_freed);
  set_number(line, "changes", operation.changes);
  set_number(line, "removed", operation.removed);
  line.set("exit_code", operation.exit_code);
  set_text(line, "error", operation.error);
  line.set("duration_ms", std::int64_t{operation.duration.count()});
  return json::print_line(line);
}

std::optional<Operation> parse_operation(std::string_view line) {
  if (line.size() > k_longest_line) {
    return std::nullopt;
  }
  try {
    return operation_of(json::parse(line, "a line of the operations log"));
  } catch (const UsageError&) {      // NOLINT(bugprone-empty-catch): no JSON, nothing to say
  } catch (const CorruptionError&) { // NOLINT(bugprone-empty-catch)
  }
  return std::nullopt;
}

} // namespace savepoint::store
