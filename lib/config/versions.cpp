#include "config/config.hpp"

#include "base/ascii.hpp"
#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/printable.hpp"
#include "config/dotenv.hpp"
#include "config/internal/inner_path.hpp"
#include "config/internal/version_reference.hpp"
#include "fs/files.hpp"
#include "fs/status.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <system_error>

namespace savepoint::config {
namespace {

constexpr std::uint64_t k_largest_file = std::uint64_t{1} << 20U;
constexpr std::size_t k_longest_version = 200;

/// Why a version could not be read. Never leaves this file.
struct Trouble {
  std::string why;
};

template <typename T> T opened(fs::Attempt<T> attempt) {
  if (!attempt) {
    throw Trouble{attempt.error_number == ELOOP
                      ? "it is, or is behind, a symbolic link"
                      : std::generic_category().message(attempt.error_number)};
  }
  return std::move(*attempt.value);
}

/// Opens step by step, so that no symbolic link leads out of the project.
std::string read_below(const std::filesystem::path& root, const std::vector<std::string>& path) {
  fs::Descriptor directory = fs::open_directory(root);
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    directory = opened(fs::try_open_directory_at(directory.number(), path[i].c_str()));
  }
  const fs::Descriptor file = opened(fs::try_open_file_at(directory.number(), path.back().c_str()));
  const std::uint64_t size = fs::status_of(file).size;
  if (size > k_largest_file) {
    throw Trouble{"it is larger than 1 MiB"};
  }
  std::string text(static_cast<std::size_t>(size), '\0');
  const auto buffer = std::as_writable_bytes(std::span(text.data(), text.size()));
  std::size_t length = 0;
  while (length < text.size()) {
    const std::size_t got = fs::read_some(file, buffer.subspan(length), path.back());
    if (got == 0) {
      break;
    }
    length += got;
  }
  text.resize(length);
  return text;
}

/// One step of a JSON pointer (RFC 6901), `~1` and `~0` undone.
std::string unescaped(std::string_view step) {
  std::string out;
  for (std::size_t at = 0; at < step.size(); ++at) {
    if (step[at] == '~' && at + 1 < step.size() && (step[at + 1] == '0' || step[at + 1] == '1')) {
      out += step[++at] == '0' ? '~' : '/';
    } else {
      out += step[at];
    }
  }
  return out;
}

const json::Value* step_into(const json::Value& value, const std::string& step) {
  if (!value.is_array()) {
    return value.find(step);
  }
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), index);
  const bool is_index = error == std::errc() && end == step.data() + step.size();
  return is_index && index < value.items().size() ? &value.items()[index] : nullptr;
}

std::string at_pointer(std::string_view text, std::string_view pointer) {
  const json::Value document = json::parse(text, "it is not JSON", json::Comments::allow);
  const json::Value* value = &document;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    const std::size_t slash = std::min(pointer.find('/'), pointer.size());
    value = step_into(*value, unescaped(pointer.substr(0, slash)));
    pointer.remove_prefix(slash);
    if (value == nullptr) {
      throw Trouble{"it has no such value"};
    }
  }
  if (value->is_string()) {
    return value->as_string();
  }
  if (value->is_null() || value->is_array() || value->is_object()) {
    throw Trouble{"that is no string and no number"};
  }
  return std::string(trimmed(json::print_line(*value)));
}

/// The value in `key: value`, `key = value` or `"key": "value",`; nothing in any other line.
std::optional<std::string> value_in_line(std::string_view line, std::string_view key) {
  constexpr std::string_view k_quotes = "\"'";
  std::string_view rest = trimmed(line);
  const bool key_quoted = !rest.empty() && k_quotes.find(rest[0]) != std::string_view::npos;
  const char quote = key_quoted ? rest[0] : '\0';
  rest.remove_prefix(key_quoted ? 1 : 0);
  if (!rest.starts_with(key)) {
    return std::nullopt;
  }
  rest.remove_prefix(key.size());
  if (key_quoted) {
    if (!rest.starts_with(quote)) {
      return std::nullopt;
    }
    rest.remove_prefix(1);
  }
  rest = trimmed(rest);
  if (!rest.starts_with(':') && !rest.starts_with('=')) {
    return std::nullopt;
  }
  rest = trimmed(rest.substr(1));
  if (!rest.empty() && k_quotes.find(rest[0]) != std::string_view::npos) {
    const std::size_t end = rest.find(rest[0], 1);
    return std::string(rest.substr(1, end == std::string_view::npos ? end : end - 1));
  }
  rest = trimmed(rest.substr(0, std::min(rest.find(" #"), rest.find("\t#"))));
  if (rest.ends_with(',')) {
    rest = trimmed(rest.substr(0, rest.size() - 1));
  }
  return std::string(rest);
}

/// Calls `use` for each line until it returns something.
template <typename Use> auto find_in_lines(std::string_view text, Use use) {
  while (true) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    auto found = use(text.substr(0, end));
    if (found || end == text.size()) {
      return found;
    }
    text.remove_prefix(end + 1);
  }
}

std::string at_key(std::string_view text, std::string_view key) {
  const auto value = find_in_lines(text, [&](std::string_view line) {
    auto found = value_in_line(line, key);
    return found && found->empty() ? std::nullopt : found;
  });
  if (!value) {
    throw Trouble{"it has no such key"};
  }
  return *value;
}

std::string read_version(const std::filesystem::path& root, std::string_view setting) {
  const VersionReference reference = parse_version_reference(setting);
  std::string text = read_below(root, reference.path);
  if (text.starts_with("\xEF\xBB\xBF")) {
    text.erase(0, 3);
  }
  std::string version;
  if (reference.key.empty()) {
    version = trimmed(std::string_view(text).substr(0, text.find('\n')));
  } else if (reference.key.starts_with('/')) {
    version = at_pointer(text, reference.key);
  } else {
    version = at_key(text, reference.key);
  }
  if (version.empty()) {
    throw Trouble{"it is empty there"};
  }
  if (version.size() > k_longest_version) {
    throw Trouble{"what stands there is too long for a version"};
  }
  return version;
}

} // namespace

VersionReference parse_version_reference(std::string_view text) {
  const std::size_t hash = std::min(text.find('#'), text.size());
  auto path = inner_parts(text.substr(0, hash));
  if (!path) {
    throw UsageError("expected a path below the project's root, without '..'");
  }
  if (is_dotenv_name(path->back())) {
    throw UsageError("a file that holds secrets holds no version to show");
  }
  return {std::move(*path), std::string(text.substr(std::min(hash + 1, text.size())))};
}

std::map<std::string, std::string> read_versions(const std::filesystem::path& root,
                                                 const std::map<std::string, std::string>& settings,
                                                 std::vector<std::string>& trouble) {
  std::map<std::string, std::string> versions;
  for (const auto& [label, setting] : settings) {
    const std::string subject =
        "version " + quoted(label) + " cannot be read from " + quoted(setting) + ": ";
    try {
      versions[label] = read_version(root, setting);
    } catch (const Trouble& one) {
      trouble.push_back(subject + one.why);
    } catch (const Error& error) { // reported with the rest: a version is never worth a snapshot
      trouble.push_back(subject + error.what());
    }
  }
  return versions;
}

} // namespace savepoint::config
