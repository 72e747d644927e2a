#include "config/internal/inner_path.hpp"

#include <algorithm>

namespace savepoint::config {

std::optional<std::vector<std::string>> inner_parts(std::string_view path) {
  if (path.starts_with('/') || path.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  std::vector<std::string> parts;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
    if (part == "..") {
      return std::nullopt;
    }
    if (!part.empty() && part != ".") {
      parts.emplace_back(part);
    }
  }
  return parts.empty() ? std::nullopt : std::optional(std::move(parts));
}

std::optional<std::string> inner_path(std::string_view path) {
  const auto parts = inner_parts(path);
  if (!parts) {
    return std::nullopt;
  }
  std::string joined;
  for (const std::string& part : *parts) {
    joined += joined.empty() ? "" : "/";
    joined += part;
  }
  return joined;
}

} // namespace savepoint::config
